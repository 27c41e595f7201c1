// The account's registry of formulas: published from a town, installed into others. Who published one is who may change it.
import type { PublishedFormula } from '../contracts/formula.schema.ts';
import { tomlOf } from '../adapters/toml/formula-text.ts';
import type { Ports } from '../ports.ts';
import { forbidden, notFound } from '../api/problems.ts';
import { documentOf, formulaView, storeFormula } from './formulas.ts';
import type { FormulaView } from './formulas.ts';
import { isoNow, transact } from './transact.ts';

const registry = 'formulas' as const;

/** One formula of the registry. Throws 404. */
export const publishedFormula = async (ports: Pick<Ports, 'store'>, name: string): Promise<PublishedFormula> => {
  const found = await ports.store.get('publishedFormula', { registry, name });
  if (found === undefined) throw notFound(`There is no formula ${name} in the registry.`);
  return found;
};
export const publishedText = async (ports: Pick<Ports, 'store'>, name: string): Promise<PublishedFormula & { toml: string }> => {
  const found = await publishedFormula(ports, name);
  return { ...found, toml: tomlOf(documentOf(found)) };
};

const checkPublisher = (found: PublishedFormula, userId: string): void => {
  if (found.publishedBy !== userId)
    throw forbidden(`${found.name} was published by ${found.publishedBy}, who alone may change it. Give yours another name.`);
};

/** Publishes a formula of a town, or its newer text. Throws 404 when the town has none of its own, 403 when somebody else has published the name. */
export const publishFormula = (
  ports: Ports,
  request: { readonly townId: string; readonly name: string; readonly userId: string },
): Promise<PublishedFormula> =>
  transact(ports, 'The formula', async () => {
    const { townId, name, userId } = request;
    const [stored, before] = await Promise.all([
      ports.store.get('formula', { townId, name }),
      ports.store.get('publishedFormula', { registry, name }),
    ]);
    if (stored === undefined) throw notFound(`The town has no formula ${name} of its own to publish.`);
    if (before !== undefined) checkPublisher(before, userId);
    if (before !== undefined && before.document === stored.document) return { writes: [], result: before };
    const at = isoNow(ports);
    const item: PublishedFormula = {
      registry,
      name,
      kind: stored.kind,
      description: stored.description,
      document: stored.document,
      version: (before?.version ?? 0) + 1,
      createdAt: before?.createdAt ?? at,
      updatedAt: at,
      publishedBy: userId,
      fromTownId: townId,
    };
    return {
      writes: [{ put: 'publishedFormula', item, when: before === undefined ? { absent: true } : { equals: { version: before.version } } }],
      result: item,
    };
  });

/** Takes a formula out of the registry. Throws 404, 403 when somebody else has published it. */
export const withdrawFormula = (ports: Ports, request: { readonly name: string; readonly userId: string }): Promise<{ ok: true }> =>
  transact(ports, 'The formula', async () => {
    const before = await publishedFormula(ports, request.name);
    checkPublisher(before, request.userId);
    return {
      writes: [{ remove: 'publishedFormula', key: { registry, name: request.name }, when: { equals: { version: before.version } } }],
      result: { ok: true },
    };
  });

/** Copies it into the town; again takes over the newest version. Throws 404. */
export const installFormula = (
  ports: Ports,
  request: { readonly townId: string; readonly name: string; readonly userId: string },
): Promise<FormulaView> =>
  transact(ports, 'The formula', async () => {
    const { townId, name, userId } = request;
    const [found, before] = await Promise.all([publishedFormula(ports, name), ports.store.get('formula', { townId, name })]);
    if (before?.document === found.document && before.installedVersion === found.version)
      return { writes: [], result: await formulaView(ports, townId, name) };
    const act = { townId, actor: `user:${userId}` as const };
    return storeFormula(ports, act, documentOf(found), { before, installedVersion: found.version });
  });
