// A molecule as it is worked: which step is next, what finishing one changes, and the gates at which its bead waits without an agent.
import type { Agent } from '../contracts/agent.schema.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import type { MoleculeStep } from '../contracts/molecule.schema.ts';
import type { Principal } from '../contracts/primitives.schema.ts';
import { isIssue, writesOf } from '../domain/bead-writes.ts';
import type { BeadChange } from '../domain/bead-writes.ts';
import { isBlocking, newEdge } from '../domain/dependencies.ts';
import { edgeWrites } from '../domain/edges.ts';
import { atGate, gateAt, moleculeFailure, stepBeadChanges, withSteps } from '../domain/molecules/molecule.ts';
import { gateSentence, moved, positionOf } from '../domain/molecules/steps.ts';
import type { Move, Position } from '../domain/molecules/steps.ts';
import { newEvent } from '../domain/new-bead.ts';
import { isFinal, revised, transition } from '../domain/transition.ts';
import type { IssueBead } from '../domain/prompts/polecat.ts';
import type { Ports, Write } from '../ports.ts';
import { conflict } from '../api/problems.ts';
import { beadOf } from './access.ts';
import { hookOf } from './agent-caller.ts';
import type { AgentIdentity } from './agent-caller.ts';
import { checkCycle, targetCheck } from './dependency-checks.ts';
import { releaseWrites } from './done.ts';
import { graphWrite } from './graph-version.ts';
import { moleculeView } from './molecule-scene.ts';
import type { MoleculeView } from './molecule-scene.ts';
import { isoNow, momentOf, transact } from './transact.ts';

export interface Advanced {
  readonly molecule: Bead;
  readonly issue: Bead;
  readonly position: Position;
  /** The bead stands at a gate, or has ended, and its agent is free. */
  readonly released: boolean;
}

/** The bead that a gate waits for becomes a blocker of the issue: closing it gives the issue out again. */
const blockedByGate = async (
  ports: Ports,
  view: MoleculeView,
  issue: Bead,
  actor: Principal,
): Promise<{ issue: Bead; writes: Write[] }> => {
  const gate = isIssue(issue) ? issue.details.stepGate : undefined;
  if (gate?.type !== 'bead' || gate.beadId === undefined) return { issue, writes: [] };
  const { townId, beadId } = issue;
  const [edges, target, graph] = await Promise.all([
    ports.store.dependenciesOf(townId, beadId),
    ports.store.get('bead', { townId, beadId: gate.beadId }),
    graphWrite(ports, townId),
  ]);
  const old = edges.find((edge) => edge.dependsOnId === gate.beadId && isBlocking(edge.type));
  if (target === undefined || (old !== undefined && !old.resolved)) return { issue, writes: [] };
  const act = { townId, beadId, actor };
  await checkCycle({ ports, act, bead: view.issue, edges }, [{ dependsOnId: target.beadId, type: 'blocks' }]);
  const edge = newEdge({ townId, beadId, dependsOnId: target.beadId, type: old?.type ?? 'blocks', at: isoNow(ports) });
  return {
    issue: { ...issue, openBlockers: issue.openBlockers + 1 },
    writes: [
      ...edgeWrites([edge], [target], old === undefined ? { absent: true } : { equals: { resolved: old.resolved } }),
      targetCheck(target),
      graph,
    ],
  };
};

interface Outcome {
  readonly issue: Bead;
  readonly writes: readonly Write[];
  readonly released: boolean;
}
/** What the new steps mean for the issue: it fails with the molecule, or waits at a gate without its agent. */
const issueAfter = async (
  ports: Ports,
  view: MoleculeView,
  molecule: Bead,
  by: { readonly actor: Principal; readonly agent?: Agent | undefined },
): Promise<Outcome> => {
  const at = isoNow(ports);
  const { issue } = view;
  const release = by.agent === undefined ? [] : releaseWrites(by.agent, at);
  if (molecule.status === 'failed') {
    const failed = transition(issue, { status: 'failed', failure: { ...moleculeFailure(molecule), source: by.actor } }, at);
    return failed.ok ? { issue: failed.bead, writes: release, released: true } : { issue, writes: [], released: false };
  }
  const steps = molecule.details.type === 'molecule' ? molecule.details.steps : [];
  const gate = isFinal(molecule.status) ? undefined : gateAt(steps, view.facts);
  // A person who moves a step does not take the bead from its agent: the agent finds the gate itself.
  if (gate === undefined || by.agent === undefined) return { issue, writes: [], released: false };
  const blocked = await blockedByGate(ports, view, atGate(issue, gate, at), by.actor);
  return { issue: blocked.issue, writes: [...release, ...blocked.writes], released: true };
};

const advancedEvent = (
  ports: Ports,
  view: MoleculeView,
  actor: Principal,
  more: { old?: string; new: string; data: Record<string, string | number> },
): Write => ({
  put: 'event',
  item: newEvent(
    { townId: view.issue.townId, eventId: ports.ids.ulid(), type: 'molecule_advanced', actor, at: isoNow(ports) },
    {
      beadId: view.issue.beadId,
      ...(view.issue.rigId === undefined ? {} : { rigId: view.issue.rigId }),
      ...(view.issue.assigneeAgentId === undefined ? {} : { agentId: view.issue.assigneeAgentId }),
      ...more,
      data: { molecule: view.molecule.beadId, ...more.data },
    },
  ),
  when: 'none',
});

const decided = async (
  ports: Ports,
  view: MoleculeView,
  by: { readonly actor: Principal; readonly agent?: Agent | undefined },
  move: Move,
): Promise<{ writes: Write[]; result: Advanced }> => {
  const { issue, molecule, stepBeads, facts } = view;
  const at = isoNow(ports);
  if (molecule.status === 'failed') throw conflict(`The molecule of ${issue.beadId} has failed: ${molecule.failure?.message ?? ''}`);
  const result = moved(molecule.details.steps, move, facts, at);
  if (!result.ok) throw conflict(result.message);
  const position = positionOf(result.steps, facts);
  if (!result.changed) return { writes: [], result: { molecule, issue, position, released: false } };
  const after = withSteps(molecule, result.steps, at);
  const outcome = await issueAfter(ports, view, after, by);
  const changes: BeadChange[] = [
    { before: molecule, after },
    ...stepBeadChanges(result.steps, stepBeads, outcome.released ? undefined : position.current?.beadId, at),
    ...(outcome.issue === issue ? [] : [{ before: issue, after: outcome.issue }]),
  ];
  const event = advancedEvent(ports, view, by.actor, {
    old: move.stepId,
    new: position.current?.stepId ?? (position.waiting[0] === undefined ? after.status : position.waiting[0].step.stepId),
    data: { step: move.stepId, outcome: move.outcome, over: position.over, total: position.total },
  });
  return {
    writes: writesOf(changes, undefined, momentOf(ports), [...outcome.writes, event]),
    result: { molecule: after, issue: outcome.issue, position, released: outcome.released },
  };
};

/** The bead's agent finishes a step. Errors: 404 without a molecule, 409 with what stands in the way. */
export const advanceByAgent = (ports: Ports, caller: AgentIdentity, move: Move): Promise<Advanced> =>
  transact(ports, 'The molecule', async () => {
    const { agent, bead } = await hookOf(ports, caller);
    return decided(ports, await moleculeView(ports, bead), { actor: `agent:${agent.agentId}`, agent }, move);
  });

/** A person finishes a step. Throws 404, and 409 with what stands in the way. */
export const advanceByPerson = (
  ports: Ports,
  request: { readonly townId: string; readonly beadId: string; readonly actor: Principal; readonly move: Move },
): Promise<Advanced> =>
  transact(ports, 'The molecule', async () => {
    const bead = await beadOf(ports, request.townId, request.beadId);
    if (isFinal(bead.status)) throw conflict(`${bead.beadId} is ${bead.status}, and that is final.`, []);
    return decided(ports, await moleculeView(ports, bead), { actor: request.actor }, request.move);
  });

/**
 * Where the agent's molecule stands. In a poured one the current step's bead begins; at a closed gate the bead is put down and its agent is free.
 * Errors: 404 without a molecule.
 */
export const currentForAgent = (ports: Ports, caller: AgentIdentity): Promise<Advanced> =>
  transact(ports, 'The molecule', async () => {
    const { agent, bead } = await hookOf(ports, caller);
    const view = await moleculeView(ports, bead);
    const { issue, molecule, stepBeads, facts } = view;
    const { steps } = molecule.details;
    const position = positionOf(steps, facts);
    const outcome = isFinal(molecule.status)
      ? { issue, writes: [], released: false }
      : await issueAfter(ports, view, molecule, { actor: `agent:${agent.agentId}`, agent });
    const result = { molecule, issue: outcome.issue, position, released: outcome.released };
    const begin = outcome.released ? [] : stepBeadChanges(steps, stepBeads, position.current?.beadId, isoNow(ports));
    if (!outcome.released && begin.length === 0) return { writes: [], result };
    const event = advancedEvent(ports, view, `agent:${agent.agentId}`, {
      new: position.current?.stepId ?? position.waiting[0]?.step.stepId ?? molecule.status,
      data: { over: position.over, total: position.total, ...(outcome.released ? { gate: position.waiting[0]?.sentence ?? '' } : {}) },
    });
    const changes = [...begin, ...(outcome.issue === issue ? [] : [{ before: issue, after: outcome.issue }])];
    return { writes: writesOf(changes, undefined, momentOf(ports), [...outcome.writes, event]), result };
  });

/** A person opens the gate of a step. Throws 404, and 409 when the step is not at a gate that a person opens. */
export const openGate = (
  ports: Ports,
  request: {
    readonly townId: string;
    readonly beadId: string;
    readonly actor: Principal;
    readonly stepId: string;
    readonly note?: string | undefined;
  },
): Promise<Advanced> =>
  transact(ports, 'The molecule', async () => {
    const { townId, beadId, actor, stepId, note } = request;
    const view = await moleculeView(ports, await beadOf(ports, townId, beadId));
    const { issue, molecule, facts } = view;
    const step = molecule.details.steps.find((each) => each.stepId === stepId);
    if (step === undefined) throw conflict(`There is no step ${stepId} in the molecule of ${beadId}.`);
    if (step.gateOpenedBy !== undefined)
      return { writes: [], result: { molecule, issue, position: positionOf(molecule.details.steps, facts), released: false } };
    if (isFinal(molecule.status) || step.state !== 'open') throw conflict(`Step ${stepId} is over; there is no gate to open.`);
    if (step.gate?.type !== 'human')
      throw conflict(
        step.gate === undefined
          ? `Step ${stepId} has no gate.`
          : `No person opens the gate of step ${stepId}: it ${gateSentence(step, facts) ?? 'is open'}.`,
      );
    const at = isoNow(ports);
    const opened: MoleculeStep = { ...step, gateOpenedBy: actor, ...(note === undefined ? {} : { note }) };
    const steps = molecule.details.steps.map((each) => (each === step ? opened : each));
    const after = revised(molecule, { details: { ...molecule.details, steps } }, at);
    const freed = issue.details.stepGate === undefined ? issue : withoutGate(issue, at);
    const position = positionOf(steps, facts);
    const event = advancedEvent(ports, view, actor, { new: stepId, data: { gate: 'opened', over: position.over, total: position.total } });
    const changes: BeadChange[] = [{ before: molecule, after }, ...(freed === issue ? [] : [{ before: issue, after: freed }])];
    return {
      writes: writesOf(changes, undefined, momentOf(ports), [event]),
      result: { molecule: after, issue: freed, position, released: false },
    };
  });

const withoutGate = (issue: IssueBead, at: string): Bead => {
  const { stepGate, notBefore, ...details } = issue.details;
  return revised(
    issue,
    { details: { ...details, ...(notBefore === undefined || notBefore === stepGate?.until ? {} : { notBefore }) } },
    at,
  );
};
