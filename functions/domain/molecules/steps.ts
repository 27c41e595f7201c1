// The steps of a molecule as they are worked: which comes next, what a gate waits for, what finishing one does. Pure.
import type { MoleculeStep } from '../../contracts/molecule.schema.ts';
import { counted } from '../words.ts';

export type Steps = readonly MoleculeStep[];
/** What gates are judged by. */
export interface GateFacts {
  readonly nowMs: number;
  /** Beads named by gates that are closed, or not there any more. */
  readonly closedBeads: ReadonlySet<string>;
}
export interface Waiting {
  readonly step: MoleculeStep;
  readonly sentence: string;
}

const isOver = (step: MoleculeStep): boolean => step.state === 'done' || step.state === 'skipped';
export const allOver = (steps: Steps): boolean => steps.every(isOver);
export const failedStep = (steps: Steps): MoleculeStep | undefined => steps.find((step) => step.state === 'failed');

/** Open steps that wait for no other step. */
export const frontierOf = (steps: Steps): MoleculeStep[] => {
  const over = new Set(steps.filter(isOver).map((step) => step.stepId));
  return steps.filter(({ state, needs, needsAny = [] }) => {
    const anyMet = needsAny.length === 0 || needsAny.some((id) => over.has(id));
    return state === 'open' && needs.every((id) => over.has(id)) && anyMet;
  });
};

/** When a timer ends, in ms; undefined for other gates. */
export const timerEndMs = ({ gate, readyAt }: MoleculeStep): number | undefined =>
  gate?.type !== 'timer' || readyAt === undefined ? undefined : Date.parse(readyAt) + (gate.waitMs ?? 0);

/** What keeps a step of the frontier; undefined when nothing does. */
export const gateSentence = (step: MoleculeStep, { nowMs, closedBeads }: GateFacts): string | undefined => {
  const { gate } = step;
  if (gate === undefined || step.gateOpenedBy !== undefined) return undefined;
  if (gate.type === 'human') return `waits for a person: ${gate.waitsFor}`;
  if (gate.type === 'bead') return closedBeads.has(gate.beadId ?? '') ? undefined : `waits for bead ${gate.beadId ?? ''} to be closed`;
  const endMs = timerEndMs(step) ?? 0;
  return endMs <= nowMs ? undefined : `waits until ${new Date(endMs).toISOString()} (${gate.waitsFor})`;
};

export interface Position {
  /** The step to work on. */
  readonly current: MoleculeStep | undefined;
  /** Steps that only their gate keeps. */
  readonly waiting: readonly Waiting[];
  readonly over: number;
  readonly total: number;
}
export const positionOf = (steps: Steps, facts: GateFacts): Position => {
  const waiting: Waiting[] = [];
  let current: MoleculeStep | undefined;
  for (const step of frontierOf(steps)) {
    const sentence = gateSentence(step, facts);
    if (sentence !== undefined) waiting.push({ step, sentence });
    else current ??= step;
  }
  return { current, waiting, over: steps.filter(isOver).length, total: steps.length };
};

/** Steps that have just come to the frontier get the time from which their timer counts. */
export const begun = (steps: Steps, at: string): MoleculeStep[] => {
  const front = new Set(frontierOf(steps).map((step) => step.stepId));
  return steps.map((step) => (front.has(step.stepId) && step.readyAt === undefined ? { ...step, readyAt: at } : step));
};

/** Steps that must be done before the work may be handed in. */
export const missingSteps = (steps: Steps): MoleculeStep[] => steps.filter((step) => step.state === 'open' && step.optional !== true);
/** What is left open is skipped: the work goes on without it. */
export const skippedRest = (steps: Steps, at: string, note: string): MoleculeStep[] =>
  steps.map((step) => (step.state === 'open' ? { ...step, state: 'skipped', at, note } : step));

export interface Move {
  readonly stepId: string;
  readonly outcome: 'done' | 'skipped' | 'failed';
  readonly note?: string | undefined;
  /** Whether the condition of a loop holds after this round. */
  readonly loopDone?: boolean | undefined;
}
export type Moved =
  | { readonly ok: true; readonly changed: boolean; readonly steps: readonly MoleculeStep[] }
  | { readonly ok: false; readonly message: string };

const no = (message: string): Moved => ({ ok: false, message });
const stateOf = { done: 'done', skipped: 'skipped', failed: 'failed' } as const;

/** Why the step cannot be moved now. */
const obstacle = (steps: Steps, step: MoleculeStep, move: Move, facts: GateFacts): string | undefined => {
  if (!frontierOf(steps).includes(step)) {
    const over = new Set(steps.filter(isOver).map((each) => each.stepId));
    const open = [...step.needs, ...(step.needsAny ?? [])].filter((id) => !over.has(id));
    return `Step ${step.stepId} comes after ${open.join(', ')}. Do these first.`;
  }
  const gate = gateSentence(step, facts);
  if (gate !== undefined && move.outcome !== 'failed') return `Step ${step.stepId} ${gate}.`;
  if (move.outcome === 'skipped' && step.optional !== true)
    return `Step ${step.stepId} is not optional: do it, or fail it with the reason in note.`;
  if (move.outcome === 'failed' && (move.note ?? '').trim() === '') return 'Say in note why the step failed.';
  return undefined;
};

/** After the last step of a round the condition of the loop is asked. */
const rounded = (steps: Steps, step: MoleculeStep, move: Move, at: string): Moved => {
  const { round } = step;
  const inRound = (each: MoleculeStep): boolean => each.round?.loopId === round?.loopId && each.round?.round === round?.round;
  if (round === undefined || move.outcome === 'failed' || !steps.filter(inRound).every(isOver)) return { ok: true, changed: true, steps };
  if (move.loopDone === undefined)
    return no(
      `This ends round ${round.round} of at most ${round.max} of ${round.loopId}. Say loop_done: true if this holds now: ${round.until}; loop_done: false for another round.`,
    );
  if (move.loopDone) {
    const later = (each: MoleculeStep): boolean => each.round?.loopId === round.loopId && each.state === 'open';
    return { ok: true, changed: true, steps: steps.map((each) => (later(each) ? { ...each, state: 'skipped', at } : each)) };
  }
  if (round.round < round.max) return { ok: true, changed: true, steps };
  const note = `After ${counted(round.max, 'round')} of ${round.loopId} this still does not hold: ${round.until}`;
  return { ok: true, changed: true, steps: steps.map((each) => (each.stepId === step.stepId ? { ...each, state: 'failed', note } : each)) };
};

/** Finishes one step. The same move again is a success that changes nothing; anything else that does not fit says what to do. */
export const moved = (steps: Steps, move: Move, facts: GateFacts, at: string): Moved => {
  const step = steps.find((each) => each.stepId === move.stepId);
  if (step === undefined)
    return no(`There is no step ${move.stepId}. The steps are ${steps.map((each) => each.stepId).join(', ')}.`.slice(0, 2000));
  if (step.state !== 'open') {
    if (step.state === stateOf[move.outcome]) return { ok: true, changed: false, steps };
    return no(`Step ${step.stepId} is ${step.state} already.`);
  }
  const why = obstacle(steps, step, move, facts);
  if (why !== undefined) return no(why);
  const note = move.note?.trim().slice(0, 4000) ?? '';
  const after = steps.map((each): MoleculeStep =>
    each === step ? { ...each, state: stateOf[move.outcome], at, ...(note === '' ? {} : { note }) } : each,
  );
  const result = rounded(after, step, move, at);
  return result.ok ? { ...result, steps: begun(result.steps, at) } : result;
};
