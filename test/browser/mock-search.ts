// Search of the mock town: beads whose title or body holds the words; a path finds everything that was handed in, with a note.
import type { RouteResponse } from '../../functions/contracts/routes.ts';
import { isIssue } from '../../functions/domain/bead-writes.ts';
import { wordsOf } from '../../functions/domain/search/words.ts';
import type { MockTown } from './mock-town.ts';

type Answer = RouteResponse<'searchTown'>;
interface Query {
  readonly q?: string | undefined;
  readonly kind?: string | undefined;
  readonly path?: string | undefined;
  readonly cursor?: string | undefined;
}
const monthMs = 30 * 24 * 60 * 60 * 1000;
const halfYearMs = 6 * monthMs;

const aboutPath = (town: MockTown, path: string): Answer => {
  const now = Date.now();
  const handedIn = [...town.beads.values()].filter((bead) => isIssue(bead) && (bead.status === 'closed' || bead.status === 'in_review'));
  return {
    results: [],
    touched: handedIn.slice(0, 4).map((bead, index) => ({
      rigId: bead.rigId ?? '',
      files: index === 0 ? [`${path}/form.ts`, `${path}/form.test.ts`] : [`${path}/index.ts`],
      at: bead.updatedAt,
      beadId: bead.beadId,
      agentId: bead.assigneeAgentId ?? 'toast',
      beadTitle: bead.title,
      beadStatus: bead.status,
      why: 'The form refused what the server takes; both now follow one schema, and a test holds them together.',
    })),
    notes: [
      {
        noteId: '01KAJ000000000000000000777',
        rigId: handedIn[0]?.rigId ?? 'r-shop1',
        paths: [`${path}/form.ts`],
        text: 'The order of the checks matters: the address first, or people learn which accounts exist.',
        by: 'agent:birch',
        at: new Date(now - monthMs / 10).toISOString(),
        expiresAt: new Date(now + halfYearMs).toISOString(),
      },
    ],
    complete: true,
  };
};

const matching = (town: MockTown, query: Query): Answer['results'] => {
  const wanted = wordsOf(query.q ?? '');
  return [...town.beads.values()]
    .filter((bead) => isIssue(bead) && wanted.some((word) => wordsOf(`${bead.title} ${bead.body}`).includes(word)))
    .map((bead) => ({
      kind: bead.status === 'closed' ? ('commit' as const) : ('bead' as const),
      id: bead.beadId,
      at: bead.updatedAt,
      title: bead.title,
      excerpt: bead.body.slice(0, 240),
      beadId: bead.beadId,
      beadTitle: bead.title,
      beadStatus: bead.status,
      ...(bead.assigneeAgentId === undefined ? {} : { agentId: bead.assigneeAgentId }),
      ...(bead.status === 'closed' ? { files: ['src/signup/form.ts', 'src/signup/form.test.ts'] } : {}),
    }));
};

export const mockSearch = (town: MockTown, query: Query): Answer => {
  if (query.path !== undefined) return aboutPath(town, query.path);
  const results = matching(town, query).filter(({ kind }) => query.kind === undefined || query.kind === kind);
  if (results.length === 0 || query.cursor !== undefined) return { results: [], touched: [], notes: [], complete: true };
  return { results, touched: [], notes: [], complete: false, searchedTo: new Date(Date.now() - monthMs).toISOString(), cursor: 'older' };
};
