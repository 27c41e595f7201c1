// What must be true of every answer, and of the town from time to time.
import { z } from 'zod';
import { auditPage } from '../../../functions/operations/audit.ts';
import { reconcileTown } from '../../../functions/reconcile/reconcile.ts';
import type { Request } from './cases.ts';
import { nameOf, townOf } from './watched.ts';
import { marker, tend } from './world.ts';
import type { World } from './world.ts';

export interface Raw {
  readonly status: number;
  readonly text: string;
  readonly isJsonLines: boolean;
}
const problem = z.object({ title: z.string(), status: z.int(), detail: z.string().min(1) });
const toolAnswer = z.object({ result: z.object({ content: z.array(z.object({ text: z.string() })).min(1), isError: z.boolean() }) });
const rpcAnswer = z.object({ jsonrpc: z.literal('2.0') });

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
/** Whether the answer says that nothing was done. */
const refuses = (request: Request, answer: Raw): boolean => {
  if (answer.status >= 400) return true;
  const tool = request.tool === undefined ? undefined : toolAnswer.safeParse(parsed(answer.text)).data;
  return tool?.result.isError === true;
};

const shapeProblems = (request: Request, { status, text, isJsonLines }: Raw): string[] => {
  if (isJsonLines) return [];
  const body = parsed(text);
  if (request.id === 'mcp' && (status < 400 || rpcAnswer.safeParse(body).success))
    return status === 202 || rpcAnswer.safeParse(body).success || (Array.isArray(body) && body.length > 0) ? [] : ['this is no JSON-RPC'];
  if (status >= 400) return problem.safeParse(body).success ? [] : ['this is no problem'];
  // A diff that the runner has yet to make.
  if (request.id === 'beadDiff' && status === 202) return [];
  if (status !== request.route.status) return [`answered ${status}`];
  return request.route.response.safeParse(body).success ? [] : ['the answer does not fit its schema'];
};

export interface Before {
  readonly keptNames: readonly string[];
  readonly loggedCount: number;
  /** Words of the other town that some request has named. */
  readonly saidIds: ReadonlySet<string>;
  /** An outage was injected: it may answer 503, and what several transactions do may be half done. */
  readonly outage: boolean;
}
/** The one thing that a refusal may leave: the text of a part of a registered import, which is sent again or goes by rule C4. */
const staysForResending = ({ id, params }: Request, path: string): boolean =>
  id === 'importBeads' && path.startsWith(`towns/${params['townId'] ?? ''}/imports/`);
/** What was said to a town once may come back as somebody's words. */
const leaks = (request: Request, text: string, saidIds: ReadonlySet<string>, secretIds: readonly string[]): string[] => {
  if (request.caller === 'bob') return [];
  const told = secretIds.filter((id) => text.includes(id) && !saidIds.has(id)).map((id) => `it tells of ${id} of the other town`);
  return text.includes(marker) && !saidIds.has(marker) ? [...told, 'it tells about the other town'] : told;
};
/** `secretIds`: of the other town. */
export const answerProblems = (
  world: World,
  { request, answer, before, secretIds }: { request: Request; answer: Raw; before: Before; secretIds: readonly string[] },
): string[] => {
  const { status, text } = answer;
  const problems = shapeProblems(request, answer);
  if (status >= 500 && !before.outage) problems.push(`answered ${status}`);
  const logged = world.ports.logged.slice(before.loggedCount).filter(({ level }) => level === 'error');
  if (!before.outage) for (const { event, fields } of logged) problems.push(`logged ${event}: ${String(fields['error'])}`);
  problems.push(...leaks(request, text, before.saidIds, secretIds));
  const wrote = world.written.map((write) => `${nameOf(write)} of ${townOf(write) ?? 'nobody'}`);
  const elsewhere = world.written.filter((write) => townOf(write) === world.otherTownId);
  if (elsewhere.length > 0 && request.caller !== 'bob') problems.push('it changed the other town');
  if (refuses(request, answer) && !before.outage) {
    if (wrote.length > 0) problems.push(`refused, but wrote ${[...new Set(wrote)].join(', ')}`);
    const gone = before.keptNames.filter((name) => !world.kept.has(name));
    const more = [...world.kept].filter((name) => !before.keptNames.includes(name) && !staysForResending(request, name));
    if (gone.length + more.length > 0) problems.push('refused, but secrets or files changed');
  }
  const ownChange = world.written.some((write) => townOf(write) === world.townId);
  if (request.caller !== 'ada' && ownChange) problems.push(`${request.caller} changed the town`);
  return problems;
};

const quietAfter = 6;
/** Passes until nothing is left to do, then every invariant. */
export const townProblems = async (world: World, instance: number): Promise<string[]> => {
  const { ports, townId, faults, written } = world;
  const problems: string[] = [];
  const loggedCount = ports.logged.length;
  written.length = 0;
  for (let pass = 0; pass < quietAfter; pass += 1) {
    faults.conflicts = pass === 0 && instance % 3 === 0 ? 2 : 0;
    const result = await reconcileTown(ports, townId);
    await tend(world, townId, instance);
    if (result.done + result.lost + result.failed === 0) break;
  }
  faults.conflicts = 0;
  if (written.some((write) => townOf(write) === world.otherTownId)) problems.push('a pass changed the other town');
  for (const { level, event, fields } of ports.logged.slice(loggedCount))
    if (level === 'error') problems.push(`${event} ${String(fields['rule'])} ${String(fields['kind'])}: ${String(fields['error'])}`);
  if ((await ports.store.get('town', { townId })) === undefined) return problems;
  let cursor: string | undefined;
  do {
    const page = await auditPage(ports, { townId, limit: 500, cursor, repair: false });
    for (const { invariant, sentence } of page.violations) problems.push(`invariant ${invariant}: ${sentence}`);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return problems;
};
