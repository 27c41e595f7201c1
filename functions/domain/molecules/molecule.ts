// Molecule beads: made from a checklist, attached to the issue whose agent works through them, ended by their steps. Pure.
import type { Bead, BeadOf, Failure } from '../../contracts/bead.schema.ts';
import type { Dependency } from '../../contracts/dependency.schema.ts';
import type { IssueDetails } from '../../contracts/issue.schema.ts';
import type { MoleculeDetails, MoleculeMode, MoleculeStep } from '../../contracts/molecule.schema.ts';
import type { BeadChange } from '../bead-writes.ts';
import { newEdge } from '../dependencies.ts';
import type { Checklist } from '../formulas/cook.ts';
import { withMarks } from '../edges.ts';
import { newBead } from '../new-bead.ts';
import type { IssueBead, StepsNote } from '../prompts/polecat.ts';
import type { Slinger } from '../sling.ts';
import { isFinal, revised, transition } from '../transition.ts';
import { allOver, begun, failedStep, frontierOf, positionOf, skippedRest, timerEndMs } from './steps.ts';
import type { GateFacts, Steps } from './steps.ts';

export type MoleculeBead = Bead & BeadOf<'molecule'>;
export const isMolecule = (bead: Bead): bead is MoleculeBead => bead.details.type === 'molecule';
const titleCharacters = 500;

export interface MadeMolecule {
  readonly molecule: Bead;
  /** Beads of the steps, when it is poured, and the edges between them. */
  readonly stepBeads: readonly Bead[];
  readonly edges: readonly Dependency[];
}

const stepBead = (slinger: Slinger, molecule: Bead, issue: Bead, step: MoleculeStep, blockers: number): Bead =>
  newBead(
    {
      townId: molecule.townId,
      beadId: step.beadId ?? '',
      title: step.title.slice(0, titleCharacters),
      requestedBy: slinger.userId,
      createdBy: slinger.actor,
      at: slinger.at,
      details: {
        type: 'issue',
        issueType: step.issueType?.slice(0, 40) ?? 'task',
        kind: 'step',
        commits: [],
        step: { moleculeId: molecule.beadId, stepId: step.stepId },
      },
    },
    {
      body: step.description,
      parentId: molecule.beadId,
      priority: step.priority ?? issue.priority,
      openBlockers: blockers,
      ...(issue.rigId === undefined ? {} : { rigId: issue.rigId }),
    },
  );

/** The molecule of an issue. `poured`: every step is a bead `<molecule>.<n>` under it, with edges between them. */
export const newMolecule = (
  slinger: Slinger,
  ids: { readonly moleculeId: string; readonly issue: Bead },
  made: {
    readonly checklist: Pick<Checklist, 'formula' | 'steps'>;
    readonly mode: MoleculeMode;
    readonly variables: Readonly<Record<string, string>>;
  },
): MadeMolecule => {
  const { townId, userId, actor, at } = slinger;
  const { moleculeId, issue } = ids;
  const { checklist, mode, variables } = made;
  const steps: MoleculeStep[] = checklist.steps.map((step, index) => ({
    ...step,
    state: 'open',
    ...(mode === 'poured' ? { beadId: `${moleculeId}.${index + 1}` } : {}),
  }));
  const molecule = newBead(
    {
      townId,
      beadId: moleculeId,
      title: `${checklist.formula}: ${issue.title}`.slice(0, titleCharacters),
      requestedBy: userId,
      createdBy: actor,
      at,
      details: {
        type: 'molecule',
        formula: checklist.formula,
        mode,
        issueId: issue.beadId,
        variables: { ...variables },
        steps: begun(steps, at),
      },
    },
    { parentId: issue.beadId, priority: issue.priority, ...(issue.rigId === undefined ? {} : { rigId: issue.rigId }) },
  );
  if (mode === 'checklist') return { molecule, stepBeads: [], edges: [] };
  const beadOf = new Map(steps.map((step) => [step.stepId, step.beadId ?? '']));
  const edges = steps.flatMap((step) =>
    step.needs.map((need) => newEdge({ townId, beadId: step.beadId ?? '', dependsOnId: beadOf.get(need) ?? '', type: 'blocks', at })),
  );
  const stepBeads = steps.map((step) => stepBead(slinger, molecule, issue, step, step.needs.length));
  return { molecule, edges, stepBeads: withMarks(stepBeads, edges) };
};

/** Where the steps have come to, as a change of the molecule bead: open, closed when all are over, failed with the reason of the failed step. */
export const withSteps = (molecule: MoleculeBead, steps: Steps, at: string): Bead => {
  const details: MoleculeDetails = { ...molecule.details, steps: [...steps] };
  const failed = failedStep(steps);
  const target =
    failed === undefined
      ? allOver(steps)
        ? ({ status: 'closed' } as const)
        : undefined
      : ({ status: 'failed', failure: stepFailure(failed) } as const);
  if (target === undefined) {
    const working = transition(molecule, { status: 'in_progress' }, at);
    return working.ok && working.changed ? { ...working.bead, details } : revised(molecule, { details }, at);
  }
  const result = transition(molecule, target, at);
  return result.ok ? { ...result.bead, details } : revised(molecule, { details }, at);
};

export const stepFailure = (step: MoleculeStep): Failure => ({
  code: 'step_failed',
  message: `Step ${step.stepId} "${step.title}" failed: ${step.note ?? 'no reason was given'}`.slice(0, 2000),
});
/** Why the bead failed whose molecule failed. */
export const moleculeFailure = (molecule: Bead): Failure => ({
  code: 'molecule_failed',
  message: molecule.failure?.message ?? `Its molecule ${molecule.beadId} failed.`,
});

/** The gate at which the whole molecule stands; undefined while a step can be worked, or when all are over. */
export const gateAt = (steps: Steps, facts: GateFacts): IssueDetails['stepGate'] => {
  const { current, waiting } = positionOf(steps, facts);
  const timers = waiting.filter(({ step }) => step.gate?.type === 'timer');
  const soonest = timers.toSorted((one, other) => (timerEndMs(one.step) ?? 0) - (timerEndMs(other.step) ?? 0))[0];
  // Of several gates a timer opens by itself, and a bead; a person has to be asked.
  const chosen = soonest ?? waiting.find(({ step }) => step.gate?.type === 'bead') ?? waiting[0];
  if (current !== undefined || chosen?.step.gate === undefined) return undefined;
  const { step, sentence } = chosen;
  const endMs = timerEndMs(step);
  return {
    stepId: step.stepId,
    title: step.title,
    type: step.gate?.type ?? 'human',
    sentence,
    ...(step.gate?.beadId === undefined ? {} : { beadId: step.gate.beadId }),
    ...(endMs === undefined ? {} : { until: new Date(endMs).toISOString() }),
  };
};

/** For prompts and sentences: which step comes next, gates aside, and how far it is. */
export const stepsNote = ({ details: { formula, steps } }: MoleculeBead): StepsNote => {
  const over = steps.filter((step) => step.state === 'done' || step.state === 'skipped').length;
  return { formula, current: frontierOf(steps)[0]?.title, over, total: steps.length };
};

/** The issue at its gate: nobody works on it until the gate opens, and the waiting is no failed attempt. */
export const atGate = (issue: IssueBead, gate: NonNullable<IssueDetails['stepGate']>, at: string): Bead => {
  const details: IssueDetails = { ...issue.details, stepGate: gate, ...(gate.until === undefined ? {} : { notBefore: gate.until }) };
  if (issue.status === 'open') return revised(issue, { details }, at);
  const result = transition(issue, { status: 'open' }, at);
  if (!result.ok) return issue;
  return { ...result.bead, details, dispatchAttempts: Math.max(0, issue.dispatchAttempts - 1) };
};

/** Beads of steps that follow a change of the molecule: finished ones are closed or failed, the next one is begun. */
export const stepBeadChanges = (steps: Steps, beads: readonly Bead[], next: string | undefined, at: string): BeadChange[] =>
  beads.flatMap((before) => {
    const step = steps.find((each) => each.beadId === before.beadId);
    if (step === undefined || isFinal(before.status)) return [];
    const target =
      step.state === 'failed'
        ? ({
            status: 'failed',
            failure: { code: 'step_failed', message: (step.note?.trim() || 'The step failed.').slice(0, 2000) },
          } as const)
        : step.state === 'open'
          ? step.beadId === next
            ? ({ status: 'in_progress' } as const)
            : undefined
          : ({ status: 'closed' } as const);
    if (target === undefined) return [];
    const result = transition(before, target, at);
    return result.ok && result.changed ? [{ before, after: result.bead }] : [];
  });

/** A molecule whose issue ended before it: closed with the rest skipped, or failed with the issue's reason. */
export const endedWith = (molecule: MoleculeBead, issue: Bead, at: string): Bead => {
  if (issue.status === 'closed') return withSteps(molecule, skippedRest(molecule.details.steps, at, `${issue.beadId} was closed`), at);
  const failure = {
    code: 'bead_failed',
    message: `${issue.beadId} failed: ${issue.failure?.message ?? 'no reason was recorded'}`.slice(0, 2000),
  };
  const result = transition(molecule, { status: 'failed', failure }, at);
  return result.ok ? result.bead : molecule;
};
