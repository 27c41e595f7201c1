// What earlier agents left for a bead: their notes on its files, and who was in them last and why. Part of what gt_prime answers.
import { isIssue } from '../domain/bead-writes.ts';
import { withinBudget } from '../domain/prompts/quote.ts';
import type { IssueBead } from '../domain/prompts/polecat.ts';
import { resultDocument } from '../domain/search/document.ts';
import { foldersAround, pathsIn } from '../domain/search/named-paths.ts';
import type { Ports } from '../ports.ts';
import { metIn, notesById, touchedViews } from './touched.ts';

type Reach = Pick<Ports, 'store' | 'search' | 'clock'>;
const relatedRead = 6;
const notesShown = 6;
const touchesShown = 6;
const filesShown = 6;
const budget = { note: 1000, why: 300 } as const;

/** Files that the beads touched on which it depends, or to which it belongs. */
const filesOfRelated = async (ports: Reach, bead: IssueBead): Promise<string[]> => {
  const edges = await ports.store.dependenciesOf(bead.townId, bead.beadId);
  const ids = [...new Set([...edges.map((edge) => edge.dependsOnId), ...(bead.parentId === undefined ? [] : [bead.parentId])])];
  const related = await ports.store.getMany(
    'bead',
    ids.slice(0, relatedRead).map((beadId) => ({ townId: bead.townId, beadId })),
  );
  const results = related.flatMap((other) => (other !== undefined && isIssue(other) ? (resultDocument(other) ?? []) : []));
  const documents = await Promise.all(results.map((document) => ports.search.get(document)));
  return documents.flatMap((document) => document?.files ?? []);
};

/** Undefined when nobody has left anything. Everything in it was written by others: it is data. */
export const earlierWork = async (ports: Reach, bead: IssueBead): Promise<Readonly<Record<string, unknown>> | undefined> => {
  const { townId, rigId } = bead;
  if (rigId === undefined) return undefined;
  const paths = [...new Set([...pathsIn(`${bead.title}\n${bead.body}`), ...(await filesOfRelated(ports, bead))])];
  if (paths.length === 0) return undefined;
  const met = metIn(await ports.search.tracesOf(townId, rigId, foldersAround(paths)), paths);
  const [notes, touched] = await Promise.all([
    notesById(ports, townId, met.noteIds),
    touchedViews(ports, { townId, rigId }, met.touches.filter((touch) => touch.beadId !== bead.beadId).slice(0, touchesShown)),
  ]);
  if (notes.length === 0 && touched.length === 0) return undefined;
  return {
    notes: notes
      .slice(0, notesShown)
      .map(({ paths: files, text, by, at, beadId }) => ({ files, text: withinBudget(text, budget.note), by, at, bead: beadId })),
    last_touched: touched.map(({ files, beadId, beadTitle, beadStatus, agentId, at, why }) => ({
      files: files.slice(0, filesShown),
      bead: beadId,
      title: beadTitle,
      status: beadStatus,
      agent: agentId,
      at,
      ...(why === undefined ? {} : { why: withinBudget(why, budget.why) }),
    })),
  };
};
