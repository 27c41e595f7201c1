// Beads JSONL in, part by part. What is written stays hidden behind a `batch` work item until the last part is in and the edges are made;
// an import that is not finished is removed by rule C4. The same content again changes nothing.
import { isDeepStrictEqual } from 'node:util';
import type { Bead } from '../contracts/bead.schema.ts';
import type { BeadsRecord } from '../contracts/beads-record.schema.ts';
import type { WorkItem } from '../contracts/work.schema.ts';
import { isIssue, workItem } from '../domain/bead-writes.ts';
import { beadOfRecord, parseLine } from '../domain/interop/beads-import.ts';
import { newEvent } from '../domain/new-bead.ts';
import type { Ports, Write } from '../ports.ts';
import { ProblemError, conflict, unprocessable } from '../api/problems.ts';
import { namedRig } from './access.ts';
import { withKeptBody } from './bead-body.ts';
import { linesOfBeads } from './export-beads.ts';
import { finishImport } from './finish-import.ts';
import { hashOfLine, idOfForeign, importDataOf, importWorkId, linesOf, partBefore, partReader, putPart } from './foreign-lines.ts';
import type { ImportData } from './foreign-lines.ts';
import { isoNow, momentOf } from './transact.ts';

export interface ImportPart {
  readonly townId: string;
  readonly rigId: string;
  readonly userId: string;
  readonly text: string;
  /** Absent: this part is the whole file. */
  readonly importId?: string | undefined;
  readonly part: number;
  readonly last: boolean;
  readonly dryRun: boolean;
  /** Write the lines that are right although others are not. */
  readonly partial: boolean;
  /** Open beads wait to be released one by one. */
  readonly hold: boolean;
}
export interface LineProblem {
  readonly line: number;
  readonly id?: string;
  readonly message: string;
}
export interface ImportReport {
  readonly importId: string;
  readonly created: number;
  readonly unchanged: number;
  readonly problems: LineProblem[];
  /** The beads can be seen. */
  readonly committed: boolean;
  readonly dryRun: boolean;
}

const problemsShown = 200;
const beadsPerCommit = 25;
const partsAtMost = 1000;
interface Line {
  readonly number: number;
  readonly text: string;
  readonly record: BeadsRecord;
  readonly beadId: string;
}
interface Sorted {
  readonly fresh: readonly Line[];
  readonly unchanged: number;
  readonly problems: readonly LineProblem[];
}

const parsedLines = (text: string): { lines: Line[]; problems: LineProblem[] } => {
  const lines: Line[] = [];
  const problems: LineProblem[] = [];
  const seen = new Map<string, string>();
  for (const [index, each] of linesOf(text).entries()) {
    if (each.trim() === '') continue;
    const parsed = parseLine(each);
    const number = index + 1;
    if (!parsed.ok) {
      problems.push({ line: number, message: parsed.message });
      continue;
    }
    const { record } = parsed;
    const earlier = seen.get(record.id);
    if (earlier === undefined) lines.push({ number, text: each, record, beadId: idOfForeign(record.id) });
    else if (earlier !== each)
      problems.push({ line: number, id: record.id, message: 'an earlier line of this part has the same id and other content' });
    seen.set(record.id, earlier ?? each);
  }
  return { lines, problems };
};

/** Whether the line says of the bead what the town says of it: what was imported before, or what an export would give. */
const isSame = async (ports: Ports, bead: Bead, line: Line): Promise<boolean> => {
  if (isIssue(bead) && bead.details.foreign?.hash === hashOfLine(line.text)) return true;
  const [exported = '{}'] = await linesOfBeads(ports, bead.townId, [bead], partReader(ports, bead.townId));
  const [now, given]: unknown[] = [JSON.parse(exported), JSON.parse(line.text)];
  return isDeepStrictEqual(now, given);
};

const sortedLines = async (ports: Ports, request: ImportPart): Promise<Sorted> => {
  const { lines, problems } = parsedLines(request.text);
  const { townId } = request;
  const existing = await ports.store.getMany(
    'bead',
    lines.map(({ beadId }) => ({ townId, beadId })),
  );
  const fresh: Line[] = [];
  let unchanged = 0;
  for (const [index, line] of lines.entries()) {
    const bead = existing[index];
    if (bead === undefined) fresh.push(line);
    else if (await isSame(ports, bead, line)) unchanged += 1;
    else
      problems.push({
        line: line.number,
        id: line.record.id,
        message: `${bead.beadId} is in the town already, with other content; an import changes no bead`,
      });
  }
  return { fresh, unchanged, problems: problems.toSorted((one, other) => one.line - other.line) };
};

/** Registers the part: from now on rule C4 knows what to remove. Throws 409 when two parts come at the same moment. */
const registered = async (ports: Ports, request: ImportPart, importId: string): Promise<WorkItem> => {
  const workId = importWorkId(importId);
  const before = await ports.store.get('work', { townId: request.townId, kind: 'batch', workId });
  const moment = momentOf(ports);
  const parts = before === undefined ? [] : importDataOf(before).parts;
  const data: ImportData = {
    rigId: request.rigId,
    userId: request.userId,
    hold: request.hold,
    parts: [...new Set([...parts, request.part])].toSorted((one, other) => one - other),
  };
  if (data.parts.length > partsAtMost) throw unprocessable(`An import has at most ${partsAtMost} parts.`);
  const item: WorkItem = {
    ...workItem(request.townId, 'batch', workId, moment.nowMs + ports.deployment.timings.pendingBatchMs, moment.stamp),
    data: JSON.stringify(data),
  };
  const outcome = await ports.store.commit([
    { put: 'work', item, when: before === undefined ? { absent: true } : { equals: { stamp: before.stamp } } },
  ]);
  if (!outcome.ok) throw conflict('Another part of this import came at the same moment; send this one again.');
  return item;
};

/** Throws 409 for a part that would replace another, and for one more part of an import that is finished: removing it would remove them all. */
const checkPart = async (ports: Ports, request: ImportPart, importId: string, isPending: boolean): Promise<void> => {
  const before = await partBefore(ports, request.townId, { importId, part: request.part }, request.text);
  if (before === 'other')
    throw conflict(`Part ${request.part} of the import ${importId} was sent before with other content; use another importId.`);
  if (!isPending && before !== 'none') throw conflict(`The import ${importId} is finished; what is new comes in with another importId.`);
};

/** New beads of an import make no work: open ones are held, closed ones have nobody waiting yet. */
const writeBeads = async (ports: Ports, request: ImportPart, item: WorkItem, beads: readonly Bead[]): Promise<void> => {
  const { townId, userId } = request;
  const key = { townId, kind: item.kind, workId: item.workId };
  for (let start = 0; start < beads.length; start += beadsPerCommit) {
    const chunk = beads.slice(start, start + beadsPerCommit);
    const event = newEvent(
      { townId, eventId: ports.ids.ulid(), type: 'created', actor: `user:${userId}`, at: isoNow(ports) },
      { rigId: request.rigId, data: { import: item.workId, beadIds: chunk.map((bead) => bead.beadId) } },
    );
    const writes: Write[] = [
      { check: 'work', key, when: { equals: { stamp: item.stamp } } },
      ...chunk.map((bead): Write => ({ put: 'bead', item: bead, when: { absent: true } })),
      { put: 'event', item: event, when: 'none' },
    ];
    if (!(await ports.store.commit(writes)).ok)
      throw conflict('Something else wrote these beads, or took the import away, at the same moment; send this part again.');
  }
};

const refused = (problems: readonly LineProblem[]): Error =>
  unprocessable(
    `${problems.length} lines cannot be imported, so nothing of the file is; the first is line ${problems[0]?.line ?? 0}: ${problems[0]?.message ?? ''}. Use partial=true to import the others.`,
    problems.slice(0, 50).map(({ line, message }) => ({ path: `line ${line}`, message })),
  );

/** What earlier parts have written is removed by the next pass. */
const giveUp = async (ports: Ports, townId: string, importId: string): Promise<void> => {
  const workId = importWorkId(importId);
  const item = await ports.store.get('work', { townId, kind: 'batch', workId });
  if (item === undefined) return;
  const moment = momentOf(ports);
  await ports.store.commit([
    { put: 'work', item: { ...item, dueAtMs: moment.nowMs, stamp: moment.stamp }, when: { equals: { stamp: item.stamp } } },
  ]);
};

/** The rig whose work the beads are: the one that is named, or the town's only one. Throws 422. */
export const rigOfImport = async (ports: Ports, townId: string, rigId: string | undefined): Promise<string> => {
  if (rigId !== undefined) return (await namedRig(ports, townId, rigId, 'query.rigId')).rigId;
  const rigs = await ports.store.rigsOf(townId);
  const only = rigs.length === 1 ? rigs[0] : undefined;
  if (only !== undefined) return only.rigId;
  throw unprocessable(
    rigs.length === 0 ? 'Connect a repository first: beads belong to one.' : 'Say with rigId which repository the beads are about.',
    [{ path: 'query.rigId', message: 'a rig is needed' }],
  );
};

/**
 * Takes one part of a file. Throws 422 with the lines that are wrong (nothing of the file is kept then, unless `partial`), 409 when it must
 * be sent again.
 */
export const importBeads = async (ports: Ports, request: ImportPart): Promise<ImportReport> => {
  const { townId } = request;
  const importId = request.importId ?? `i-${ports.ids.ulid().toLowerCase()}`;
  const { fresh, unchanged, problems } = await sortedLines(ports, request);
  const report = { importId, created: fresh.length, unchanged, problems: problems.slice(0, problemsShown), dryRun: request.dryRun };
  if (request.dryRun) return { ...report, committed: false };
  if (problems.length > 0 && !request.partial) {
    await giveUp(ports, townId, importId);
    throw refused(problems);
  }
  const pending = await ports.store.get('work', { townId, kind: 'batch', workId: importWorkId(importId) });
  if (fresh.length === 0 && pending === undefined) return { ...report, committed: true };
  if (fresh.length > 0) await checkPart(ports, request, importId, pending !== undefined);
  // Registered first: whatever is kept from now on goes with the import when it is not finished.
  const item = fresh.length > 0 ? await registered(ports, request, importId) : pending;
  if (item === undefined) return { ...report, committed: true };
  // The lines before the beads: a bead never points to a text that is not there. They are never replaced, because beads point to them.
  if (fresh.length > 0) await putPart(ports, townId, { importId, part: request.part }, request.text);
  const beads: Bead[] = [];
  for (const line of fresh) {
    const bead = beadOfRecord(line.record, {
      townId,
      rigId: request.rigId,
      userId: request.userId,
      actor: `user:${request.userId}`,
      at: isoNow(ports),
      idOf: idOfForeign,
      foreign: { id: line.record.id, importId, part: request.part, line: line.number, hash: hashOfLine(line.text) },
    });
    beads.push(await withKeptBody(ports, bead));
  }
  await writeBeads(ports, request, item, beads);
  if (!request.last) return { ...report, committed: false };
  try {
    await finishImport(ports, { townId, importId, item, data: importDataOf(item) });
  } catch (error) {
    // A circle is in what was sent, and parts are never replaced.
    if (error instanceof ProblemError && error.status === 422) await giveUp(ports, townId, importId);
    throw error;
  }
  return { ...report, committed: true };
};
