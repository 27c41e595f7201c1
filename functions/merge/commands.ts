// Runner commands of an execution: which one a step stands for, and its settled result. A repeated step finds the same command.
import type { Command, CommandPayload, CommandResult } from '../contracts/runner.schema.ts';
import { authorOf } from '../domain/commit-identity.ts';
import { isFeatureBranch } from '../domain/convoy/branches.ts';
import { gatesFor } from '../domain/gates.ts';
import type { IssueBead } from '../domain/prompts/polecat.ts';
import type { Ports, Removal } from '../ports.ts';
import { MergeInputInvalid } from './errors.ts';
import { surroundingsOf } from './scene.ts';
import type { Carried, Subject } from './scene.ts';

export const steps = ['prepare', 'gates', 'target-gates', 'push'] as const;
export type Step = (typeof steps)[number];
export interface StepOf extends Subject {
  readonly step: Step;
  readonly round: number;
}

/** A command that the runner could not carry out is given out again under the next number, so many times at most. */
const maxTries = 6;
const shortSha = (sha: string): string => sha.slice(0, 8);
const baseId = ({ execution, step, round }: StepOf, carried: Carried): string => {
  // A push is named by what it pushes as well: an older answer can never be taken for it.
  const intent = carried.request.details.push;
  return step === 'push' && intent !== undefined
    ? `${execution}-push-${shortSha(intent.newTip)}-${round}`
    : `${execution}-${step}-${round}`;
};
const idsOf = (base: string): string[] => Array.from({ length: maxTries }, (_, index) => (index === 0 ? base : `${base}.${index + 1}`));

const wantsAnotherTry = (command: Command): boolean => command.result?.kind === 'error' && command.result.retryable;

export interface Found {
  readonly commandId: string;
  readonly command?: Command;
  /** Tries of the same step that the runner could not carry out. */
  readonly earlier: readonly Command[];
}
/** The newest command of the step; without `command` the one to be made next. */
export const findCommand = async (ports: Pick<Ports, 'store'>, step: StepOf, carried: Carried): Promise<Found> => {
  const earlier: Command[] = [];
  for (const commandId of idsOf(baseId(step, carried))) {
    const command = await ports.store.get('command', { townId: step.townId, commandId });
    if (command === undefined) return { commandId, earlier };
    if (!wantsAnotherTry(command)) return { commandId, command, earlier };
    earlier.push(command);
  }
  const last = earlier.pop();
  return last === undefined ? { commandId: baseId(step, carried), earlier } : { commandId: last.commandId, command: last, earlier };
};

const isKind = <K extends CommandResult['kind']>(
  result: CommandResult | undefined,
  kind: K,
): result is Extract<CommandResult, { kind: K }> => result?.kind === kind;
/** The result that a command has. Throws `MergeInputInvalid` when there is none of this kind: the state machine asks in the wrong order. */
export const resultIn = <K extends CommandResult['kind']>(command: Command | undefined, kind: K): Extract<CommandResult, { kind: K }> => {
  const result = command?.result;
  if (!isKind(result, kind)) throw new MergeInputInvalid(`the command of the step has no result of kind ${kind}`);
  return result;
};
/** The result that the runner gave for a step. Throws `MergeInputInvalid`. */
export const resultOf = async <K extends CommandResult['kind']>(
  ports: Pick<Ports, 'store'>,
  step: StepOf,
  carried: Carried,
  kind: K,
): Promise<Extract<CommandResult, { kind: K }>> => resultIn((await findCommand(ports, step, carried)).command, kind);

/** The step has its result and keeps what it needs of it elsewhere: no rule sends it again. */
export const takenWrites = ({ command, earlier }: Found): Removal[] =>
  [...earlier, ...(command === undefined ? [] : [command])].map(({ townId, commandId }) => ({
    remove: 'command',
    key: { townId, commandId },
    when: 'none',
  }));

/** Whatever is left of an execution that is over: asked for by nobody, or answered and used. */
export const forgottenCommands = async (ports: Pick<Ports, 'store'>, { townId, execution }: Subject): Promise<Removal[]> => {
  const { commands } = await ports.store.passOf(townId);
  return takenWrites({ commandId: execution, earlier: commands.filter(({ commandId }) => commandId.startsWith(`${execution}-`)) });
};

const messageOf = (
  { request }: Carried,
  source: IssueBead | undefined,
  person: { readonly name: string; readonly email: string },
): string => {
  const title = request.title.replaceAll(/\s+/g, ' ').trim();
  return [
    `Merge ${request.details.sourceBeadId}: ${title}`,
    '',
    ...(source === undefined ? [] : [`Bead-ID: ${source.beadId}`]),
    ...(request.details.kind === 'landing' ? [`Convoy-ID: ${request.details.sourceBeadId}`] : []),
    `Merge-Request: ${request.beadId}`,
    `Requested-by: ${person.name} <${person.email}>`,
    '',
  ].join('\n');
};

/** What the runner is asked to do. Throws `MergeInputInvalid` when an earlier step has not left what this one needs. */
export const payloadOf = async (ports: Pick<Ports, 'people' | 'store'>, { step }: StepOf, carried: Carried): Promise<CommandPayload> => {
  const { request } = carried;
  const { rigId, details, townId } = request;
  const { prepared, push } = details;
  if (step === 'push') {
    if (push === undefined) throw new MergeInputInvalid('nothing is intended to be pushed');
    return { kind: 'push', rigId, intent: push };
  }
  const { source, rig, town, persona } = await surroundingsOf(ports, carried);
  if (step === 'prepare') {
    const person = authorOf(await ports.people.identity(request.requestedBy), { town, userId: request.requestedBy });
    return {
      kind: 'prepare',
      rigId,
      mergeRequestId: request.beadId,
      branch: details.branch,
      headSha: details.headSha,
      targetBranch: details.targetBranch,
      ...(isFeatureBranch(details.targetBranch) ? { createTargetFrom: rig.defaultBranch } : {}),
      ...(details.kind === 'landing' ? { followBranch: true } : {}),
      message: messageOf(carried, source, person),
      author: person,
      committer: { name: 'Refinery (gastown)', email: `refinery-${rigId}.${townId}@noreply.gastown.invalid` },
      commitAt: request.createdAt,
    };
  }
  if (prepared === undefined) throw new MergeInputInvalid('nothing is prepared');
  return {
    kind: 'gates',
    rigId,
    sha: step === 'gates' ? prepared.tip : prepared.targetSha,
    gates: gatesFor('merge', { town, rig, persona }),
  };
};
