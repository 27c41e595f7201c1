// Loads what explains a bead's state; the words are made by a pure rule.
import type { z } from 'zod';
import type { Agent } from '../contracts/agent.schema.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import type { Town } from '../contracts/town.schema.ts';
import type { routes } from '../contracts/routes.ts';
import { isLive } from '../domain/agent-state.ts';
import { isConvoy, isIssue, isMergeRequest } from '../domain/bead-writes.ts';
import { blocksChildren, isBlocking } from '../domain/dependencies.ts';
import { gateOf } from '../domain/plan/budgets.ts';
import { convoyIdOf, servedBeadId } from '../domain/spending/usage.ts';
import { explain } from '../domain/explain.ts';
import { stepsNote } from '../domain/molecules/molecule.ts';
import type { Facts } from '../domain/explain.ts';
import { isFinal } from '../domain/transition.ts';
import { breakerData, breakerFailures } from '../domain/plan/breakers.ts';
import type { Ports } from '../ports.ts';
import { notFound } from '../api/problems.ts';
import { beadOf } from './access.ts';
import { moleculeOf } from './molecule-scene.ts';

export type Explanation = z.infer<(typeof routes.beadExplain)['response']>;

const blockersOf = async (ports: Ports, bead: Bead): Promise<Bead[]> => {
  const edges = (await ports.store.dependenciesOf(bead.townId, bead.beadId)).filter(
    (edge) => isBlocking(edge.type) && edge.type !== 'waits-for' && !edge.resolved,
  );
  const read = await ports.store.getMany(
    'bead',
    edges.map((edge) => ({ townId: bead.townId, beadId: edge.dependsOnId })),
  );
  return read.flatMap((blocker) => blocker ?? []);
};

const beadsAt = async ({ store }: Ports, townId: string, ids: readonly string[]): Promise<Bead[]> =>
  (
    await store.getMany(
      'bead',
      ids.map((beadId) => ({ townId, beadId })),
    )
  ).flatMap((bead) => bead ?? []);

const gatesOf = async (ports: Ports, { townId, beadId, openBlockers }: Bead): Promise<Facts['gates']> => {
  if (openBlockers === 0) return [];
  const edges = (await ports.store.dependenciesOf(townId, beadId)).filter((edge) => edge.type === 'waits-for' && !edge.resolved);
  return Promise.all(
    edges.map(async ({ dependsOnId, gate = 'all' }) => {
      const children = (await ports.store.dependentsOf(townId, dependsOnId, 'parent-child')).map((edge) => edge.beadId);
      const [target, ...others] = await beadsAt(ports, townId, [dependsOnId, ...children]);
      return target === undefined
        ? []
        : [{ target, gate, open: others.filter((child) => child.status !== 'closed' && child.supersededBy === undefined) }];
    }),
  ).then((found) => found.flat());
};

const mostAncestors = 32;
const waitingParentOf = async (ports: Ports, bead: Bead): Promise<Facts['waitingParent']> => {
  let parentId = bead.parentBlocked === true ? bead.parentId : undefined;
  for (let level = 0; parentId !== undefined && level < mostAncestors; level += 1) {
    const parent: Bead | undefined = await ports.store.get('bead', { townId: bead.townId, beadId: parentId });
    if (parent === undefined || !blocksChildren(parent)) return undefined;
    if (parent.openBlockers > 0) return { parent, blockers: await blockersOf(ports, parent) };
    parentId = parent.parentId;
  }
  return undefined;
};

const breakers = ['model', 'git', 'runtime', 'infrastructure'] as const;
const outagesOf = async (ports: Ports, townId: string): Promise<string[]> => {
  const items = await ports.store.getMany(
    'work',
    breakers.map((workId) => ({ townId, kind: 'breaker' as const, workId })),
  );
  return items.flatMap((item) => {
    const { failures, error } = breakerData(item);
    return failures < breakerFailures
      ? []
      : [
          `The ${item?.workId ?? 'runtime'} failed ${failures} times in a row: ${error}. Beads are tried one at a time until it works again.`,
        ];
  });
};

/** Why money keeps the bead, its convoy, its rig or the town from going on. */
const budgetReasons = async (ports: Ports, town: Town, bead: Bead): Promise<string[]> => {
  const { townId } = town;
  // What repairs a bead spends its money.
  const payers = [servedBeadId(bead), convoyIdOf(bead)].flatMap((beadId) => beadId ?? []);
  const [work, rigs, known] = await Promise.all([ports.store.workOf(townId), ports.store.rigsOf(townId), beadsAt(ports, townId, payers)]);
  const gate = gateOf({ town, rigs, work, nowMs: ports.clock.nowMs(), bead: (beadId) => known.find((each) => each.beadId === beadId) });
  return [gate.town, bead.rigId === undefined ? undefined : gate.rig(bead.rigId), ...known.map(({ beadId }) => gate.bead(beadId))].flatMap(
    (reason) => reason ?? [],
  );
};

/** A review costs the town's money; what its rig, convoy or bead has spent does not keep it. */
const reviewBudget = async (ports: Ports, town: Town): Promise<string[]> => {
  const [work, rigs] = await Promise.all([ports.store.workOf(town.townId), ports.store.rigsOf(town.townId)]);
  return [gateOf({ town, rigs, work, nowMs: ports.clock.nowMs(), bead: () => undefined }).town].flatMap((reason) => reason ?? []);
};
const budgetsOf = async (ports: Ports, town: Town, bead: Bead): Promise<string[]> => {
  if (bead.status === 'open' && isIssue(bead)) return budgetReasons(ports, town, bead);
  return bead.status === 'in_review' || (isMergeRequest(bead) && !isFinal(bead.status)) ? reviewBudget(ports, town) : [];
};

/** The convoy that the bead is, with its members, or that it belongs to. */
const convoyFacts = async (ports: Ports, bead: Bead): Promise<Facts['convoy']> => {
  if (isConvoy(bead)) return { convoy: bead, members: await beadsAt(ports, bead.townId, bead.details.memberIds) };
  const convoyId = isIssue(bead) ? bead.details.convoyId : undefined;
  const convoy = convoyId === undefined ? undefined : await ports.store.get('bead', { townId: bead.townId, beadId: convoyId });
  if (convoy === undefined) return undefined;
  const beforeId = isConvoy(convoy) ? convoy.details.serial?.beadId : undefined;
  const before = beforeId === undefined ? undefined : await ports.store.get('bead', { townId: bead.townId, beadId: beforeId });
  return { convoy, members: [], before };
};

/** Throws 404. */
export const explainBead = async (ports: Ports, townId: string, beadId: string): Promise<Explanation> => {
  const bead = await beadOf(ports, townId, beadId);
  const requestId = isIssue(bead) ? bead.details.latestMergeRequestId : undefined;
  const [town, rig, lease, agents, blockers, request, outages, gates, waitingParent] = await Promise.all([
    ports.store.get('town', { townId }),
    bead.rigId === undefined ? undefined : ports.store.get('rig', { townId, rigId: bead.rigId }),
    ports.store.get('lease', { townId }),
    ports.store.agentsOf(townId),
    blockersOf(ports, bead),
    requestId === undefined ? undefined : ports.store.get('bead', { townId, beadId: requestId }),
    outagesOf(ports, townId),
    gatesOf(ports, bead),
    waitingParentOf(ports, bead),
  ]);
  if (town === undefined) throw notFound(`There is no town ${townId}.`);
  const molecule = isIssue(bead) ? await moleculeOf(ports, bead) : undefined;
  const assignee = agents.find((agent) => agent.agentId === bead.assigneeAgentId && agent.hookBeadId === beadId);
  const report = assignee === undefined ? undefined : await ports.store.get('report', { townId, agentId: assignee.agentId });
  const busy = agents.filter((agent: Agent) => agent.role === 'polecat' && isLive(agent));
  const { sentence, reasons } = explain({
    bead,
    gates,
    ...(waitingParent === undefined ? {} : { waitingParent }),
    town,
    rig,
    nowMs: ports.clock.nowMs(),
    blockers,
    outages,
    convoy: await convoyFacts(ports, bead),
    budgets: await budgetsOf(ports, town, bead),
    busyInRig: busy.filter((agent) => agent.rigId === bead.rigId).length,
    busyInTown: busy.length,
    ...(lease === undefined ? {} : { lease }),
    ...(assignee === undefined ? {} : { assignee }),
    ...(report === undefined ? {} : { report }),
    ...(request === undefined ? {} : { request }),
    ...(molecule === undefined ? {} : { steps: stepsNote(molecule) }),
  });
  return { sentence, reasons: [...reasons] };
};
