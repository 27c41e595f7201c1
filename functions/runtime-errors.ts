// What can go wrong when a town's runtime or workflow is started. Names are stable: rules and state machines compare them.

/** The task could not be started; the message is the cloud's own text. Retried by rule R1, then R3; the operator reads the text. */
export class RuntimeStartFailed extends Error {
  override readonly name = 'RuntimeStartFailed';
}

/** An execution of this name was started with other input. A defect: names are never reused; not retryable. */
export class ExecutionNameTaken extends Error {
  override readonly name = 'ExecutionNameTaken';
}
