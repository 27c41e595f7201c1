// Lists for people: beads, convoys, agents and rigs of a town, in pages.
import type { AgentState } from '../contracts/agent.schema.ts';
import type { Bead, BeadStatus, BeadType } from '../contracts/bead.schema.ts';
import { presentAgent, presentBead } from '../api/present.ts';
import type { AgentView } from '../api/present.ts';
import { notFound } from '../api/problems.ts';
import { BadCursor } from '../store-errors.ts';
import type { Page, PageRequest, Ports } from '../ports.ts';
import { mergedBeads } from './merged-pages.ts';
import { visibleOf } from './visible.ts';

export const everyStatus: readonly BeadStatus[] = ['open', 'in_progress', 'in_review', 'closed', 'failed'];
/** Index pages read for one filtered page at most; a page may then be short and still have a cursor. */
const pagesPerFilter = 5;

export interface BeadQuery {
  readonly townId: string;
  readonly type: BeadType;
  readonly status?: BeadStatus | undefined;
  readonly rigId?: string | undefined;
  /** Only what is in the archive; else only what is not. */
  readonly archived?: boolean | undefined;
}

/** Beads of one type, newest change first, without those of unfinished batches. A page can be short although more follow. Throws `BadCursor`. */
export const listBeads = async (ports: Ports, query: BeadQuery, page: PageRequest): Promise<Page<Bead>> => {
  const statuses = query.status === undefined ? everyStatus : [query.status];
  const items: Bead[] = [];
  let cursor = page.cursor;
  for (let read = 0; read < pagesPerFilter; read += 1) {
    const found = await mergedBeads(
      ports,
      { townId: query.townId, type: query.type, statuses, archived: query.archived === true },
      { limit: page.limit - items.length, cursor },
    );
    const visible = await visibleOf(ports, query.townId, found.items);
    items.push(...visible.filter((bead) => query.rigId === undefined || bead.rigId === query.rigId).map(presentBead));
    cursor = found.cursor;
    if (cursor === undefined || items.length >= page.limit) break;
  }
  return cursor === undefined ? { items } : { items, cursor };
};

/** A page of a list that is read as a whole: the cursor is the position. Throws `BadCursor`. */
export const pageOfAll = <T>(all: readonly T[], page: PageRequest): Page<T> => {
  const from = page.cursor === undefined ? 0 : Number(page.cursor);
  if (!Number.isInteger(from) || from < 0) throw new BadCursor();
  const items = all.slice(from, from + page.limit);
  return from + page.limit < all.length ? { items, cursor: String(from + page.limit) } : { items };
};

const activity: Readonly<Record<AgentState, number>> = {
  working: 0,
  waiting: 1,
  starting: 2,
  stalled: 3,
  stopping: 4,
  idle: 5,
  parked: 6,
  gone: 7,
};

/** All agents with their newest reports, active first, then by name. */
export const agentViews = async (ports: Ports, townId: string): Promise<AgentView[]> => {
  const [agents, reports] = await Promise.all([ports.store.agentsOf(townId), ports.store.reportsOf(townId)]);
  const hookIds = [...new Set(agents.flatMap((agent) => agent.hookBeadId ?? []))];
  const hooks = await ports.store.getMany(
    'bead',
    hookIds.map((beadId) => ({ townId, beadId })),
  );
  return agents
    .toSorted((one, other) => activity[one.state] - activity[other.state] || (one.agentId < other.agentId ? -1 : 1))
    .map((agent) =>
      presentAgent(
        agent,
        reports.find((report) => report.agentId === agent.agentId),
        hooks.find((bead) => bead !== undefined && bead.beadId === agent.hookBeadId),
      ),
    );
};

/** One agent. Throws 404. */
export const agentView = async (ports: Ports, townId: string, agentId: string): Promise<AgentView> => {
  const [agent, report] = await Promise.all([
    ports.store.get('agent', { townId, agentId }),
    ports.store.get('report', { townId, agentId }),
  ]);
  if (agent === undefined) throw notFound(`There is no agent ${agentId} in this town.`);
  const hook = agent.hookBeadId === undefined ? undefined : await ports.store.get('bead', { townId, beadId: agent.hookBeadId });
  return presentAgent(agent, report, hook);
};
