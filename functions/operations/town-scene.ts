// Reads once what an assembly of the desired set needs: town, rigs, agents, work, and the beads and messages that they name.
import type { Agent } from '../contracts/agent.schema.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import type { Command, RuntimeLease } from '../contracts/runner.schema.ts';
import type { Worn } from '../contracts/persona.schema.ts';
import type { MayorMessage, Rig, Town } from '../contracts/town.schema.ts';
import type { WorkItem } from '../contracts/work.schema.ts';
import { isLive } from '../domain/agent-state.ts';
import { isIssue } from '../domain/bead-writes.ts';
import { triageRequestOf } from '../domain/triage.ts';
import { isWoken } from '../domain/nudges.ts';
import { servedBeadId } from '../domain/spending/usage.ts';
import type { Ports } from '../ports.ts';
import { personasById } from './personas.ts';

export interface TownScene {
  readonly town: Town;
  readonly lease: RuntimeLease;
  readonly rigs: readonly Rig[];
  readonly agents: readonly Agent[];
  readonly work: readonly WorkItem[];
  /** Commands that a workflow step waits for. */
  readonly commands: readonly Command[];
  readonly beads: ReadonlyMap<string, Bead>;
  /** Personas that beads on hooks name. */
  readonly personas: ReadonlyMap<string, Worn>;
  /** Messages to the Mayor without an answer, oldest first. */
  readonly mayorMessages: readonly MayorMessage[];
  /** Agents at rest that are spoken to. */
  readonly woken: ReadonlySet<string>;
  readonly nowMs: number;
}

/** `<userId>#<messageId>` of a work item of kind `mayor`. */
export const mayorKeyOf = (item: WorkItem): { townId: string; userId: string; messageId: string } => {
  const cut = item.workId.lastIndexOf('#');
  return { townId: item.townId, userId: item.workId.slice(0, cut), messageId: item.workId.slice(cut + 1) };
};

const present = <T>(values: readonly (T | undefined)[]): T[] => values.filter((value): value is T => value !== undefined);

/** Messages to the Mayor that wait for an answer, oldest first (message ids are ULIDs). */
export const openMayorMessages = async (ports: Pick<Ports, 'store'>, work: readonly WorkItem[]): Promise<MayorMessage[]> => {
  const keys = work.filter((item) => item.kind === 'mayor').map(mayorKeyOf);
  const messages = present(await ports.store.getMany('mayorMessage', keys));
  return messages
    .filter((message) => message.state === 'queued' || message.state === 'working')
    .toSorted((one, other) => (one.messageId < other.messageId ? -1 : 1));
};

const beadsById = async (ports: Pick<Ports, 'store'>, townId: string, beadIds: readonly string[]): Promise<Map<string, Bead>> => {
  const unique = [...new Set(beadIds)];
  const found = present(
    await ports.store.getMany(
      'bead',
      unique.map((beadId) => ({ townId, beadId })),
    ),
  );
  return new Map(found.map((bead) => [bead.beadId, bead]));
};

/** Undefined when the town is gone. Reads nothing that is closed or merely blocked. */
export const readScene = async (
  ports: Pick<Ports, 'store' | 'clock' | 'deployment'>,
  lease: RuntimeLease,
): Promise<TownScene | undefined> => {
  const { townId } = lease;
  const { town, rigs, agents, work, commands } = await ports.store.passOf(townId);
  if (town === undefined || town.deletedAt !== undefined) return undefined;
  const now = { nowMs: ports.clock.nowMs(), timings: ports.deployment.timings };
  const woken = agents.filter((agent) => isWoken(agent, work, now));
  const hooks = agents.filter(isLive).flatMap((agent) => (agent.hookBeadId === undefined ? [] : [agent.hookBeadId]));
  const cases = work.flatMap((item) => (item.kind === 'triage' ? (triageRequestOf(item)?.beadId ?? []) : []));
  const mail = work.filter((item) => item.kind === 'mail' || item.kind === 'budget').map((item) => item.workId);
  const [first, mayorMessages] = await Promise.all([
    beadsById(ports, townId, [...hooks, ...mail, ...cases, ...woken.flatMap((agent) => agent.lastBeadId ?? [])]),
    openMayorMessages(ports, work),
  ]);
  // What is under review or being repaired, and the steps of what is worked on.
  const sources = [...first.values()]
    .flatMap((bead) => [servedBeadId(bead), ...(isIssue(bead) && bead.details.moleculeId !== undefined ? [bead.details.moleculeId] : [])])
    .filter((beadId) => !first.has(beadId));
  const more = sources.length === 0 ? new Map<string, Bead>() : await beadsById(ports, townId, sources);
  const personas = await personasById(
    ports,
    townId,
    [...first.values()].flatMap((bead) => (isIssue(bead) ? (bead.details.personaId ?? []) : [])),
  );
  return {
    town,
    lease,
    rigs,
    agents,
    work,
    commands,
    beads: new Map([...more, ...first]),
    personas,
    mayorMessages,
    woken: new Set(woken.map((agent) => agent.agentId)),
    nowMs: now.nowMs,
  };
};
