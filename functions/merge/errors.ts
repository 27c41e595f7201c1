// Errors of the merge tasks by the names that the state machines retry and catch. A test compares both sides.

/** The items kept changing while the task wrote. Retryable; nothing for the operator to do. */
export class MergeStateMoved extends Error {
  override readonly name = 'MergeStateMoved';
}
/** Another execution, a rule or a person has decided about the request. Not retryable; the execution ends and changes nothing. */
export class ExecutionOvertaken extends Error {
  override readonly name = 'ExecutionOvertaken';
}
/** The step was called with an input that does not fit, or out of order. A defect; not retryable. */
export class MergeInputInvalid extends Error {
  override readonly name = 'MergeInputInvalid';
}
/** Others pushed to the target faster than the train could, several times. Not retried here; the next run starts afresh. */
export class TrainContended extends Error {
  override readonly name = 'TrainContended';
}

/** Errors that a task repeats, beside those of the Lambda service. `StoreUnavailable` is the store's. */
export const retryableErrors = ['StoreUnavailable', 'MergeStateMoved'] as const;
/** Errors of Lambda itself that are worth repeating. Source: Step Functions developer guide, "Handle transient Lambda service exceptions". */
export const lambdaErrors = [
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.TooManyRequestsException',
] as const;
/** The runner could not carry out a command now, or fell silent: the command is given out again. */
export const runnerErrors = ['RunnerCommandRetryable', 'States.HeartbeatTimeout'] as const;
/** Trying again cannot help: the request fails at once, with the sentence of the error. */
export const finalErrors = ['RunnerCommandFailed'] as const;
