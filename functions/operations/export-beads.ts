// Beads as lines of a Beads JSONL file, page by page.
import type { Bead } from '../contracts/bead.schema.ts';
import type { BeadsRecord } from '../contracts/beads-record.schema.ts';
import type { Dependency } from '../contracts/dependency.schema.ts';
import { isIssue } from '../domain/bead-writes.ts';
import { parseLine } from '../domain/interop/beads-import.ts';
import { foreignRecord, nativeRecord } from '../domain/interop/beads-export.ts';
import type { ForeignScene } from '../domain/interop/beads-export.ts';
import type { PageRequest, Ports } from '../ports.ts';
import { presentBead } from '../api/present.ts';
import { withWholeBody } from './bead-body.ts';
import { idOfForeign, partReader } from './foreign-lines.ts';
import type { PartReader } from './foreign-lines.ts';
import { visibleOf } from './visible.ts';

/** A Lambda answers at most 6 MB, with escapes; a line may have nearly 3 MB. */
const enoughBytes = 2 * 1024 * 1024;
const mostBytes = 4 * 1024 * 1024;
const beadsPerStep = 5;

const foreignIdOf = (bead: Bead): string => (isIssue(bead) ? bead.details.foreign?.id : undefined) ?? bead.beadId;

interface Origin {
  readonly line: string;
  readonly record: BeadsRecord;
}
/** The line that the bead came from, if it came from one. */
const originOf = async (parts: PartReader, bead: Bead): Promise<Origin | undefined> => {
  const foreign = isIssue(bead) ? bead.details.foreign : undefined;
  const line = foreign === undefined ? undefined : await parts.lineOf(foreign);
  const parsed = line === undefined ? undefined : parseLine(line);
  return line === undefined || parsed?.ok !== true ? undefined : { line, record: parsed.record };
};

const lineOf = (bead: Bead, origin: Origin | undefined, scene: Omit<ForeignScene, 'idOf'>): string => {
  if (origin === undefined) return JSON.stringify(nativeRecord(presentBead(bead), scene));
  const changed = foreignRecord(origin.record, presentBead(bead), { ...scene, idOf: idOfForeign });
  return changed === undefined ? origin.line : JSON.stringify(changed);
};

/** The lines of these beads, in their order. */
export const linesOfBeads = async (ports: Ports, townId: string, beads: readonly Bead[], parts: PartReader): Promise<string[]> => {
  const edges = await Promise.all(beads.map((bead): Promise<readonly Dependency[]> => ports.store.dependenciesOf(townId, bead.beadId)));
  const origins = await Promise.all(beads.map((bead) => originOf(parts, bead)));
  const named = origins.flatMap((origin) => (origin?.record.dependencies ?? []).map((each) => idOfForeign(each.depends_on_id)));
  const ids = [...new Set([...edges.flat().map((edge) => edge.dependsOnId), ...named])];
  const found = await ports.store.getMany(
    'bead',
    ids.map((beadId) => ({ townId, beadId })),
  );
  const byId = new Map(found.flatMap((bead) => (bead === undefined ? [] : [[bead.beadId, bead] as const])));
  const nameOf = (beadId: string): string => {
    const other = byId.get(beadId);
    return other === undefined ? beadId : foreignIdOf(other);
  };
  const whole = await Promise.all(beads.map((bead) => withWholeBody(ports, bead)));
  return whole.map((bead, index) =>
    lineOf(bead, origins[index], { edges: edges[index] ?? [], nameOf, exists: (beadId) => byId.has(beadId) }),
  );
};

export interface ExportPage {
  readonly lines: readonly string[];
  readonly cursor?: string;
}
/** Every bead that can be seen, by id; a page ends early when its lines are long. */
export const exportBeads = async (ports: Ports, townId: string, page: PageRequest): Promise<ExportPage> => {
  const parts = partReader(ports, townId);
  const lines: string[] = [];
  let cursor = page.cursor;
  let bytes = 0;
  let limit = Math.min(beadsPerStep, page.limit);
  let ended = false;
  do {
    const step = await ports.store.everyBead(townId, { limit, cursor });
    const seen = (await visibleOf(ports, townId, step.items)).filter((bead) => bead.deletingAt === undefined);
    const made = await linesOfBeads(ports, townId, seen, parts);
    const size = made.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
    if (size > mostBytes - enoughBytes && limit > 1) {
      // Long bodies: from here on one by one.
      limit = 1;
      continue;
    }
    lines.push(...made);
    bytes += size;
    cursor = step.cursor;
    ended = cursor === undefined;
  } while (!ended && lines.length < page.limit && bytes < enoughBytes);
  return cursor === undefined ? { lines } : { lines, cursor };
};
