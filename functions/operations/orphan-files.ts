// Files that nothing names: left by whoever was killed between a file and its item, or behind an item that names another one now. At night.
import { ulidSchema } from '../contracts/primitives.schema.ts';
import type { Ports } from '../ports.ts';
import { bodiesFolder } from './bead-body.ts';

/** No request takes so long: a younger file may be about to be named. */
const youngMs = 24 * 60 * 60 * 1000;
const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const timeCharacters = 10;
/** When the id was made, in ms; undefined for what is no ULID. */
export const madeAtMs = (id: string): number | undefined =>
  ulidSchema.safeParse(id).success
    ? Array.from(id.slice(0, timeCharacters)).reduce((sum, letter) => sum * crockford.length + crockford.indexOf(letter), 0)
    : undefined;

interface Named {
  readonly path: string;
  readonly owner: string;
  readonly fileId: string;
}
const namedIn = (folder: string, path: string): Named => {
  const [owner = '', fileId = ''] = path.slice(folder.length).split('/');
  return { path, owner, fileId };
};

/** Pages of paths under a folder. */
export async function* pagesOf(ports: Pick<Ports, 'files'>, folder: string): AsyncGenerator<readonly string[]> {
  let after: string | undefined;
  for (;;) {
    const paths = await ports.files.list(folder, after);
    if (paths.length === 0) return;
    yield paths;
    after = paths.at(-1);
  }
}

/** Bodies that their beads do not name. Returns how many were removed. */
const orphanBodies = async (ports: Pick<Ports, 'store' | 'files' | 'clock'>, townId: string): Promise<number> => {
  const folder = bodiesFolder(townId);
  const oldMs = ports.clock.nowMs() - youngMs;
  let removed = 0;
  for await (const paths of pagesOf(ports, folder)) {
    const old = paths.map((path) => namedIn(folder, path)).filter(({ fileId }) => (madeAtMs(fileId) ?? Infinity) < oldMs);
    const owners = [...new Set(old.map(({ owner }) => owner))];
    const beads = await ports.store.getMany(
      'bead',
      owners.map((beadId) => ({ townId, beadId })),
    );
    const current = new Set(beads.flatMap((bead) => bead?.bodyFile?.fileId ?? []));
    for (const { path, fileId } of old) {
      if (current.has(fileId)) continue;
      await ports.files.removePrefix(path);
      removed += 1;
    }
  }
  return removed;
};

/** Removes what nothing in the town names. Returns how many files. */
export const removeOrphans = (ports: Pick<Ports, 'store' | 'files' | 'clock'>, townId: string): Promise<number> =>
  orphanBodies(ports, townId);
