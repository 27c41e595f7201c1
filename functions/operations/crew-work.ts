// What a crew agent does about beads by itself: takes a ready one, gives it back, and is heard of whenever it calls.
import type { Agent } from '../contracts/agent.schema.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import { unhooked } from '../domain/agent-state.ts';
import { putAgent } from '../domain/agent-writes.ts';
import { isConvoy, isIssue, isReady, writesOf } from '../domain/bead-writes.ts';
import { placeOf } from '../domain/convoy/place.ts';
import { blocksChildren } from '../domain/dependencies.ts';
import { newEvent } from '../domain/new-bead.ts';
import type { IssueBead } from '../domain/prompts/polecat.ts';
import { transition } from '../domain/transition.ts';
import type { Ports, Write } from '../ports.ts';
import { conflict } from '../api/problems.ts';
import { beadOf } from './access.ts';
import { agentOf, hookOf } from './agent-caller.ts';
import type { AgentIdentity } from './agent-caller.ts';
import { leftBead } from './crew.ts';
import { isoNow, momentOf, transact } from './transact.ts';

/** Its signs of life are written no more often than this. */
const heardEveryMs = 5 * 60_000;
const recentBeads = 20;
const mostAncestors = 20;

/** Notes that it is there. A note that is lost to another write costs nothing: the next call writes it. */
export const noteCrew = async (ports: Pick<Ports, 'store' | 'clock'>, agent: Agent): Promise<void> => {
  const nowMs = ports.clock.nowMs();
  if (nowMs - Date.parse(agent.lastActivityAt ?? agent.createdAt) < heardEveryMs) return;
  const at = new Date(nowMs).toISOString();
  await ports.store.commit([putAgent(agent, { ...agent, lastActivityAt: at, version: agent.version + 1, updatedAt: at })]);
};

/** A bead that this agent may take now. Throws 409 with what is in the way. */
const claimable = (agent: Agent, bead: Bead): IssueBead => {
  const { beadId } = bead;
  const no = (why: string): never => {
    throw conflict(`${beadId} cannot be claimed: ${why}.`);
  };
  if (!isIssue(bead)) return no(`it is a ${bead.type.replace('_', ' ')}`);
  if (!isReady(bead))
    return no(bead.status === 'open' ? 'it waits for something; gt_bead_status says what' : `it is ${bead.status.replace('_', ' ')}`);
  if (agent.rigId !== undefined && bead.rigId !== agent.rigId) return no('it belongs to another repository than yours');
  if (bead.details.avoidAgentId === agent.agentId) return no('it was taken from you');
  return bead;
};
const checkConvoy = (beadId: string, convoy: Bead | undefined): void => {
  if (convoy === undefined || !isConvoy(convoy)) return;
  const { staged, closing, series } = convoy.details;
  const why = staged ? 'a plan that has not started' : closing === undefined ? undefined : 'being cancelled';
  if (why !== undefined || convoy.held) throw conflict(`${beadId} cannot be claimed: its convoy ${convoy.beadId} is ${why ?? 'held'}.`);
  if (series === 'single-agent') throw conflict(`${beadId} cannot be claimed: one agent of the town works its whole convoy.`);
};
/** The beads above it, none of which may wait: with the version that was read, for the transaction. */
const parentChecks = async (ports: Pick<Ports, 'store'>, bead: IssueBead): Promise<Write[]> => {
  const checks: Write[] = [];
  let { parentId } = bead;
  while (parentId !== undefined && bead.details.mergeRequestId === undefined && checks.length < mostAncestors) {
    const key = { townId: bead.townId, beadId: parentId };
    const parent = await ports.store.get('bead', key);
    if (parent === undefined) break;
    if (blocksChildren(parent)) throw conflict(`${bead.beadId} cannot be claimed: its parent ${parent.beadId} waits itself.`);
    checks.push({ check: 'bead', key, when: { equals: { status: parent.status, openBlockers: parent.openBlockers } } });
    ({ parentId } = parent);
  }
  return checks;
};

export interface Claimed {
  readonly beadId: string;
  readonly branch?: string;
  readonly targetBranch: string;
}
/** Puts a ready bead on the caller's hook. A second time is a success. Throws 404, 409. */
export const claimBead = (ports: Ports, caller: AgentIdentity, beadId: string): Promise<Claimed> =>
  transact<Claimed>(ports, 'The bead', async () => {
    const agent = await agentOf(ports, caller);
    const found = await beadOf(ports, caller.townId, beadId);
    const known = isIssue(found) ? found.details : undefined;
    if (agent.hookBeadId === beadId && known?.targetBranch !== undefined)
      return {
        writes: [],
        result: { beadId, targetBranch: known.targetBranch, ...(known.branch === undefined ? {} : { branch: known.branch }) },
      };
    if (agent.hookBeadId !== undefined)
      throw conflict(`${agent.hookBeadId} is on your hook: finish it with gt_done or give it back with gt_bead_release first.`);
    const bead = claimable(agent, found);
    const { townId, rigId = '' } = bead;
    const { convoyId } = bead.details;
    const [town, rig, convoy, checks] = await Promise.all([
      ports.store.get('town', { townId }),
      ports.store.get('rig', { townId, rigId }),
      convoyId === undefined ? undefined : ports.store.get('bead', { townId, beadId: convoyId }),
      parentChecks(ports, bead),
    ]);
    if (town?.stopped !== undefined) throw conflict('The town is stopped; nothing begins until it is resumed.');
    checkConvoy(beadId, convoy);
    // A stop, or a change of the convoy, at this very moment comes first.
    checks.push({ check: 'town', key: { townId }, when: { equals: { stopped: undefined } } });
    if (convoy !== undefined)
      checks.push({ check: 'bead', key: { townId, beadId: convoy.beadId }, when: { equals: { version: convoy.version } } });
    const place = rig === undefined ? undefined : placeOf(bead, { rig, agentId: agent.agentId, convoy });
    const at = isoNow(ports);
    const moved = transition(bead, { status: 'in_progress' }, at);
    if (place === undefined || !moved.ok) throw conflict(`${beadId} cannot be claimed now; look at it with gt_bead_status.`);
    const { chain: _chain, notBefore: _over, ...details } = bead.details;
    const after: Bead = { ...moved.bead, assigneeAgentId: agent.agentId, lastDispatchAt: at, details: { ...details, ...place } };
    const item: Agent = {
      ...agent,
      state: 'working',
      hookBeadId: beadId,
      startedAt: at,
      lastActivityAt: at,
      recentBeadIds: [beadId, ...(agent.recentBeadIds ?? []).filter((id) => id !== beadId)].slice(0, recentBeads),
      version: agent.version + 1,
      updatedAt: at,
    };
    const event = newEvent(
      { townId, eventId: ports.ids.ulid(), type: 'dispatched', actor: `agent:${agent.agentId}`, at },
      {
        beadId,
        agentId: agent.agentId,
        rigId,
        old: 'open',
        new: 'in_progress',
        data: { claimed: true, epoch: agent.epoch, requestedBy: bead.requestedBy },
        ...(convoyId === undefined ? {} : { convoyId }),
      },
    );
    return {
      writes: writesOf([{ before: bead, after }], event, momentOf(ports), [putAgent(agent, item), ...checks]),
      result: { beadId, ...place },
    };
  });

/** Gives the bead on the hook back to its queue. Throws 409 when there is none. */
export const releaseBead = (ports: Ports, caller: AgentIdentity, reason: string): Promise<string> =>
  transact(ports, 'The bead', async () => {
    const { agent, bead } = await hookOf(ports, caller);
    const at = isoNow(ports);
    const event = newEvent(
      { townId: bead.townId, eventId: ports.ids.ulid(), type: 'unhooked', actor: `agent:${agent.agentId}`, at },
      { beadId: bead.beadId, agentId: agent.agentId, new: reason, ...(bead.rigId === undefined ? {} : { rigId: bead.rigId }) },
    );
    const changes = await leftBead(ports, agent, `${agent.name} gave it back: ${reason}`);
    return { writes: writesOf(changes, event, momentOf(ports), [putAgent(agent, unhooked(agent, at))]), result: bead.beadId };
  });
