// Seeing inside: a kept pass planned again, everything about one bead, what people did by hand, what a town did in a window.
import type { Bead } from '../contracts/bead.schema.ts';
import type { TownEvent } from '../contracts/event.schema.ts';
import { plan } from '../domain/plan/plan.ts';
import type { Page, PageRequest, Ports } from '../ports.ts';
import { notFound } from '../api/problems.ts';
import { presentBead } from '../api/present.ts';
import { actionLines, keptPasses, readKeptPass } from '../reconcile/kept-pass.ts';
import type { ActionLine } from '../reconcile/kept-pass.ts';
import { explainBead } from './explain.ts';

const nameOf = ({ rule, kind, subject }: ActionLine): string => `${rule} ${kind} ${subject}`;

export interface Replay {
  readonly passId: string;
  readonly at: string;
  readonly earlier: readonly ActionLine[];
  readonly now: readonly ActionLine[];
  /** In one list only: what the rules decide otherwise today than they did. */
  readonly gone: readonly string[];
  readonly added: readonly string[];
}
/** Plans a kept pass again with the rules of this release. Throws 404 when it is not kept. */
export const replayPass = async (ports: Pick<Ports, 'files' | 'deployment'>, townId: string, passId: string): Promise<Replay> => {
  const kept = await readKeptPass(ports, townId, passId);
  if (kept === undefined) throw notFound(`The pass ${passId} is not kept; passes with actions are kept for 7 days.`);
  const now = actionLines(plan(kept.snapshot, kept.nowMs, ports.deployment.timings));
  const [before, after] = [new Set(kept.actions.map(nameOf)), new Set(now.map(nameOf))];
  return {
    passId,
    at: new Date(kept.nowMs).toISOString(),
    earlier: kept.actions,
    now,
    gone: [...before].filter((name) => !after.has(name)),
    added: [...after].filter((name) => !before.has(name)),
  };
};

/** Ids of kept passes of a day; today's by default. */
export const passesOf = (ports: Pick<Ports, 'files' | 'clock'>, townId: string, day: string | undefined): Promise<string[]> =>
  keptPasses(ports, townId, day ?? new Date(ports.clock.nowMs()).toISOString().slice(0, 10));

const eventsShown = 100;
/** Everything that the town knows of one bead. Throws 404. */
export const debugBead = async (ports: Ports, townId: string, beadId: string) => {
  const { store } = ports;
  const bead = await store.get('bead', { townId, beadId });
  if (bead === undefined) throw notFound(`There is no bead ${beadId} in this town.`);
  const requestId = bead.details.type === 'issue' ? bead.details.latestMergeRequestId : undefined;
  const [dependsOn, dependents, events, agents, work, request, explained] = await Promise.all([
    store.dependenciesOf(townId, beadId),
    store.dependentsOf(townId, beadId),
    store.eventsOf(townId, { beadId, newestFirst: true }, { limit: eventsShown }),
    store.agentsOf(townId),
    store.workOf(townId),
    requestId === undefined ? undefined : store.get('bead', { townId, beadId: requestId }),
    explainBead(ports, townId, beadId),
  ]);
  const present = (one: Bead | undefined) => (one === undefined ? {} : { request: presentBead(one) });
  return {
    bead: presentBead(bead),
    dependsOn: [...dependsOn],
    dependents: [...dependents],
    events: [...events.items],
    agents: agents.filter((agent) => agent.hookBeadId === beadId || agent.agentId === bead.assigneeAgentId),
    work: work.filter((item) => item.workId === beadId || item.workId === requestId),
    explain: explained.sentence,
    ...present(request),
  };
};

/** Acts of people on what runs by itself; words (messages, comments, new work) are none. */
const notByHand: readonly TownEvent['type'][] = [
  'created',
  'comment',
  'mail_sent',
  'mayor_message',
  'convoy_started',
  'nudge_queued',
  'town_created',
];
const isIntervention = (event: TownEvent): boolean =>
  event.data['intervention'] === true || (event.actor.startsWith('user:') && !notByHand.includes(event.type));

const readPages = 10;
/** What people did by hand, newest first. A page may be short or empty while there is a cursor: the feed between was the town's own. */
export const interventionsOf = async (ports: Pick<Ports, 'store'>, townId: string, page: PageRequest): Promise<Page<TownEvent>> => {
  const items: TownEvent[] = [];
  let cursor = page.cursor;
  for (let read = 0; read < readPages; read += 1) {
    const step = await ports.store.eventsOf(townId, { newestFirst: true }, { limit: page.limit, cursor });
    items.push(...step.items.filter(isIntervention));
    cursor = step.cursor;
    // Whole pages only: the cursor stands behind them.
    if (cursor === undefined || items.length >= page.limit) break;
  }
  return { items, ...(cursor === undefined ? {} : { cursor }) };
};
