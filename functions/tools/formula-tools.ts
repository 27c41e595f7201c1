// Tools about formulas and molecules: short answers that say what to do next.
import type { z } from 'zod';
import type { MoleculeStep } from '../contracts/molecule.schema.ts';
import type { tools } from '../contracts/tools.schema.ts';
import { isMolecule } from '../domain/molecules/molecule.ts';
import type { Position } from '../domain/molecules/steps.ts';
import { frontierOf } from '../domain/molecules/steps.ts';
import { withinBudget } from '../domain/prompts/quote.ts';
import { counted } from '../domain/words.ts';
import type { AgentIdentity } from '../operations/agent-caller.ts';
import { agentOf } from '../operations/agent-caller.ts';
import { cookNamed, formulaSummaries, formulaView } from '../operations/formulas.ts';
import { advanceByAgent, currentForAgent } from '../operations/molecules.ts';
import type { Advanced } from '../operations/molecules.ts';
import { pourFormula } from '../operations/pour.ts';
import { requesterOf } from '../operations/requester.ts';
import type { Ports } from '../ports.ts';
import { onceKey } from './mayor-tools.ts';
import type { ToolAnswer } from './tool-answer.ts';

type Input<N extends keyof typeof tools> = z.output<(typeof tools)[N]['input']>;
const budget = { description: 300, step: 24 * 1024, listed: 60 } as const;

export const formulaList = async (ports: Ports, caller: AgentIdentity, input: Input<'gt_formula_list'>): Promise<ToolAnswer> => {
  if (input.name !== undefined) {
    const { name, kind, description, variables, problems } = await formulaView(ports, caller.townId, input.name);
    return {
      data: { name, kind, description: withinBudget(description, budget.step), variables, ...(problems.length === 0 ? {} : { problems }) },
      sentence: `${name} has ${counted(variables.length, 'variable')}.`,
    };
  }
  const all = await formulaSummaries(ports, caller.townId);
  return {
    data: {
      formulas: all.map(({ name, kind, description, source }) => ({
        name,
        kind,
        source,
        description: withinBudget(description, budget.description),
      })),
    },
    sentence: `${counted(all.length, 'formula')}. Ask again with name for the variables of one.`,
  };
};

export const formulaCook = async (ports: Ports, caller: AgentIdentity, input: Input<'gt_formula_cook'>): Promise<ToolAnswer> => {
  const subject = { title: input.title ?? 'the task', description: '' };
  const { kind, steps, warnings } = await cookNamed(ports, {
    townId: caller.townId,
    name: input.name,
    variables: input.variables ?? {},
    subject,
  });
  return {
    data: {
      kind,
      steps: steps.map(({ stepId, title, needs, gate, optional }) => ({
        step: stepId,
        title,
        ...(needs.length === 0 ? {} : { needs }),
        ...(gate === undefined ? {} : { gate: `${gate.type}: ${gate.waitsFor}` }),
        ...(optional === true ? { optional } : {}),
      })),
      ...(warnings.length === 0 ? {} : { warnings }),
    },
    sentence: `${counted(steps.length, 'step')}. Nothing was made; use gt_sling with formula, or gt_formula_pour.`,
  };
};

export const formulaPour = async (ports: Ports, caller: AgentIdentity, input: Input<'gt_formula_pour'>): Promise<ToolAnswer> => {
  await agentOf(ports, caller);
  const [userId, idempotencyKey] = await Promise.all([requesterOf(ports, caller.townId), onceKey(ports, caller, 'gt_formula_pour', input)]);
  const poured = await pourFormula(ports, {
    townId: caller.townId,
    userId,
    actor: `agent:${caller.agentId}`,
    name: input.name,
    idempotencyKey,
    input: {
      variables: input.variables ?? {},
      as: input.as,
      beadId: input.bead_id,
      rigId: input.rig_id,
      title: input.title,
      body: input.body,
      priority: input.priority,
    },
  });
  if (poured.kind === 'convoy') {
    const { convoy, members } = poured.convoy;
    return {
      data: { convoy: convoy.beadId, beads: members.map(({ bead }) => ({ id: bead.beadId, title: bead.title })) },
      sentence: `Convoy ${convoy.beadId} with ${counted(members.length, 'bead')} is on its way.`,
    };
  }
  const { bead, molecule } = poured;
  const steps = isMolecule(molecule) ? molecule.details.steps : [];
  return {
    data: { bead: bead.beadId, molecule: molecule.beadId, steps: steps.map(({ stepId, title }) => ({ step: stepId, title })) },
    sentence: `${bead.beadId} has ${counted(steps.length, 'step')}; its agent works through them.`,
  };
};

const stepData = (step: MoleculeStep): Record<string, unknown> => ({
  id: step.stepId,
  title: step.title,
  description: withinBudget(step.description, budget.step),
  ...(step.acceptance === undefined ? {} : { done_when: step.acceptance }),
  ...(step.optional === true ? { optional: true } : {}),
  ...(step.round === undefined ? {} : { round: `${step.round.round} of at most ${step.round.max}`, until: step.round.until }),
  ...(step.beadId === undefined ? {} : { bead: step.beadId }),
});

/** Steps that come right after this one and wait at a gate: the agent should have pushed before. */
const gateAhead = (steps: readonly MoleculeStep[], current: MoleculeStep): MoleculeStep | undefined => {
  const then = frontierOf(steps.map((step) => (step === current ? { ...step, state: 'done' as const } : step)));
  return then.some((step) => step.gate === undefined) ? undefined : then.find((step) => step.gateOpenedBy === undefined);
};

const nextSentence = (steps: readonly MoleculeStep[], { current, over, total }: Position): string => {
  if (current === undefined) return 'All steps are finished: push if you have not, and call gt_done.';
  const gate = gateAhead(steps, current);
  const ahead =
    gate === undefined ? '' : ` After it the bead waits (${gate.gate?.waitsFor ?? ''}) without you: commit and push before you advance.`;
  return `Step ${over + 1} of ${total}: do ${current.stepId} now, then call gt_mol_advance with step "${current.stepId}".${ahead}`;
};

const answerOf = ({ molecule, issue, position, released }: Advanced): ToolAnswer => {
  const steps = isMolecule(molecule) ? molecule.details.steps : [];
  const formula = isMolecule(molecule) ? molecule.details.formula : '';
  const { current, waiting, over, total } = position;
  const data = {
    bead: issue.beadId,
    molecule: molecule.beadId,
    formula,
    finished: over,
    total,
    ...(current === undefined || released ? {} : { step: stepData(current) }),
    ...(waiting.length === 0 ? {} : { waiting: waiting.map(({ step, sentence }) => `${step.stepId} ${sentence}`) }),
    steps: steps.slice(0, budget.listed).map(({ stepId, state }) => `${stepId}: ${state}`),
  };
  if (molecule.status === 'failed')
    return { data, sentence: `The molecule has failed, and ${issue.beadId} with it: ${molecule.failure?.message ?? ''} End your turn.` };
  if (released)
    return {
      data,
      sentence: `${issue.beadId} waits at step ${waiting[0]?.step.stepId ?? ''}, which ${waiting[0]?.sentence ?? 'waits'}. It is given out again when that is over. Your hook is empty: end your turn now.`,
    };
  return { data, sentence: nextSentence(steps, position) };
};

export const molCurrent = async (ports: Ports, caller: AgentIdentity): Promise<ToolAnswer> =>
  answerOf(await currentForAgent(ports, caller));

export const molAdvance = async (ports: Ports, caller: AgentIdentity, input: Input<'gt_mol_advance'>): Promise<ToolAnswer> =>
  answerOf(
    await advanceByAgent(ports, caller, {
      stepId: input.step,
      outcome: input.outcome ?? 'done',
      note: input.note,
      loopDone: input.loop_done,
    }),
  );
