// What every state machine of ours must have beyond being valid ASL. Knows no file: it judges a parsed definition.
import validate from 'asl-validator';
import { z } from 'zod';

const retrier = z.looseObject({
  ErrorEquals: z.array(z.string()),
  MaxAttempts: z.number().optional(),
  JitterStrategy: z.string().optional(),
});
const catcher = z.looseObject({ ErrorEquals: z.array(z.string()), Next: z.string() });
const stateSchema = z.looseObject({
  Type: z.string(),
  Resource: z.string().optional(),
  TimeoutSeconds: z.number().optional(),
  HeartbeatSeconds: z.number().optional(),
  QueryLanguage: z.string().optional(),
  Retry: z.array(retrier).optional(),
  Catch: z.array(catcher).optional(),
  Parameters: z.unknown().optional(),
});
type State = z.infer<typeof stateSchema>;
const definitionSchema = z.looseObject({ TimeoutSeconds: z.number().optional(), States: z.record(z.string(), stateSchema) });

export interface AslKnowledge {
  /** Function substitutions that a deployment fills in, e.g. `ClaimMergeFunctionArn`. */
  readonly substitutions: readonly string[];
  /** Error names that our code throws or the services document. */
  readonly errorNames: readonly string[];
  /** Every task must retry these. */
  readonly alwaysRetried: readonly string[];
  /** The state that keeps the reason of a failure. */
  readonly failureState: string;
}

const serviceErrors = ['States.ALL', 'States.Timeout', 'States.TaskFailed'];
const waitForToken = '.waitForTaskToken';

const taskProblems = (name: string, state: State, knowledge: AslKnowledge): string[] => {
  const problems: string[] = [];
  const say = (problem: string): void => {
    problems.push(`${name}: ${problem}`);
  };
  if (state.TimeoutSeconds === undefined) say('has no TimeoutSeconds; the default is to wait for ever');
  const retried = (state.Retry ?? []).flatMap((entry) => entry.ErrorEquals);
  for (const error of knowledge.alwaysRetried) if (!retried.includes(error)) say(`does not retry ${error}`);
  for (const entry of state.Retry ?? []) {
    if (entry.JitterStrategy !== 'FULL') say('retries without jitter');
    if (entry.MaxAttempts === undefined || entry.MaxAttempts > 10) say('retries without a bound of at most 10');
  }
  const catchAll = (state.Catch ?? []).find((entry) => entry.ErrorEquals.includes('States.ALL'));
  if (catchAll === undefined) say('does not catch States.ALL');
  else if (name !== knowledge.failureState && catchAll.Next !== knowledge.failureState)
    say(`its failure does not lead to ${knowledge.failureState}`);
  for (const error of [...retried, ...(state.Catch ?? []).flatMap((entry) => entry.ErrorEquals)]) {
    if (!knowledge.errorNames.includes(error) && !serviceErrors.includes(error)) say(`names the error ${error}, which nothing throws`);
  }
  if (state.Resource?.endsWith(waitForToken) === true) {
    if (state.HeartbeatSeconds === undefined) say('waits for a token without HeartbeatSeconds');
    else if (state.TimeoutSeconds !== undefined && state.HeartbeatSeconds >= state.TimeoutSeconds)
      say('its heartbeat is not below its time-out');
    if (!JSON.stringify(state.Parameters).includes('"$$.Task.Token"')) say('waits for a token that it does not hand out');
  } else if (state.Resource !== 'arn:aws:states:::lambda:invoke') say(`calls ${state.Resource ?? 'nothing'}; only functions are called`);
  return problems;
};

/** Sentences about what is wrong; empty when nothing is. */
export const aslProblems = (text: string, knowledge: AslKnowledge): string[] => {
  const parsed: unknown = JSON.parse(text);
  // The validator checks the form of ARNs, which are known only when a deployment fills them in; and it writes into what it is given.
  const { isValid, errorsText } = validate(JSON.parse(text), { checkArn: false, checkPaths: true });
  if (!isValid) return [errorsText('\n')];
  const { TimeoutSeconds, States } = definitionSchema.parse(parsed);
  const problems = TimeoutSeconds === undefined ? ['the machine has no TimeoutSeconds'] : [];
  for (const [name, state] of Object.entries(States)) {
    if (state.Type === 'Task') problems.push(...taskProblems(name, state, knowledge));
    else if (!['Choice', 'Succeed', 'Fail'].includes(state.Type)) problems.push(`${name}: the local engine carries no ${state.Type} state`);
    if (state.QueryLanguage !== undefined) problems.push(`${name}: only JSONPath runs on one machine`);
  }
  for (const match of text.matchAll(/\$\{([^}]*)\}/g)) {
    if (!knowledge.substitutions.includes(match[1] ?? '')) problems.push(`the substitution ${match[0]} stands for no task`);
  }
  return problems;
};
