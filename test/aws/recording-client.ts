// Stands in front of a real SDK client: commands are checked and serialised by the SDK, then answered here instead of being sent.
// Inputs and outputs are the SDK's own types; nothing here has been recorded from AWS.

type CommandClass = new (input: never) => { readonly input: object };
type InputOf<C extends CommandClass> = InstanceType<C>['input'];
/** The output type of a command class, read from its `resolveMiddleware`. */
type OutputOf<C extends CommandClass> =
  InstanceType<C> extends { resolveMiddleware(...args: never[]): (args: never) => Promise<{ output: infer O }> } ? O : never;

/** What a stubbed command answers; made by `answer`, so that its output fits the SDK's type. */
export interface Stub {
  readonly commandName: string;
  readonly reply: (input: never) => object;
}
/** `reply` returns the output, or throws one of the SDK's exceptions. */
export const answer = <C extends CommandClass>(command: C, reply: (input: InputOf<C>) => Omit<OutputOf<C>, '$metadata'>): Stub => ({
  commandName: command.name,
  reply,
});

/** The part of the SDK's clients that is used here; `never` lets each client's own stack fit. */
interface StackOwner {
  readonly middlewareStack: { add(middleware: never, options: never): void };
}
interface Call {
  readonly commandName: string;
  readonly input: object;
}

export interface Recording {
  readonly calls: readonly Call[];
  /** Inputs of all calls of the command, in order. */
  inputsOf<C extends CommandClass>(command: C): readonly InputOf<C>[];
}

/** Credentials and region for clients that never send anything. */
export const offline = { region: 'eu-central-1', credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' } } as const;

/** After the SDK has serialised the command, before it would sign and send it. An unexpected command throws. */
export const record = (client: StackOwner, stubs: readonly Stub[]): Recording => {
  const calls: Call[] = [];
  const middleware =
    (_next: unknown, context: { readonly commandName?: string }) =>
    async (args: { readonly input: object; readonly request?: unknown }) => {
      const commandName = context.commandName ?? 'unknown';
      if (args.request === undefined) throw new Error(`${commandName} was not serialised`);
      calls.push({ commandName, input: args.input });
      const stub = stubs.find((candidate) => candidate.commandName === commandName);
      if (stub === undefined) throw new Error(`unexpected ${commandName}`);
      return { response: {}, output: { ...stub.reply(args.input as never), $metadata: {} } };
    };
  client.middlewareStack.add(middleware as never, { step: 'finalizeRequest', priority: 'high', name: 'recording' } as never);
  return { calls, inputsOf: (command) => calls.filter((call) => call.commandName === command.name).map((call) => call.input) };
};

/** The text that every test title of an AWS adapter carries. */
export const shapesOnly = "(shapes from the SDK's types; never run on AWS)";
