// The train's protocol as a process of its own, to be killed: prepare → persist the intention → push with lease → record.
// Says each step that it has done on standard output and waits for a line before the next. Arguments: one JSON object.
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { runCommand } from '../../container/src/merge-steps/run-command.ts';
import type { StepContext } from '../../container/src/merge-steps/run-command.ts';
import { pushIntentSchema } from '../../functions/contracts/merge-request.schema.ts';
import type { PushIntent } from '../../functions/contracts/merge-request.schema.ts';
import { shaSchema } from '../../functions/contracts/primitives.schema.ts';

const jobSchema = z.object({
  stateFile: z.string(),
  mirror: z.string(),
  workDir: z.string(),
  path: z.string(),
  branch: z.string(),
  headSha: shaSchema,
  title: z.string(),
  number: z.int(),
});
const stateSchema = z.object({ intent: pushIntentSchema.optional(), landed: shaSchema.optional() });
type State = z.infer<typeof stateSchema>;

const job = jobSchema.parse(JSON.parse(process.argv[2] ?? ''));
const context: StepContext = {
  mirrorPath: job.mirror,
  workDir: job.workDir,
  gitEnv: { PATH: job.path },
  signal: new AbortController().signal,
};
const rigId = 'r-8d2k1m0p';

const readState = (): State => (existsSync(job.stateFile) ? stateSchema.parse(JSON.parse(readFileSync(job.stateFile, 'utf8'))) : {});
const persist = (state: State): void => {
  const file = openSync(`${job.stateFile}.new`, 'w');
  writeSync(file, JSON.stringify(state));
  fsyncSync(file);
  closeSync(file);
  renameSync(`${job.stateFile}.new`, job.stateFile);
};

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const did = async (step: string): Promise<void> => {
  process.stdout.write(`${step}\n`);
  await lines.next();
};

const prepare = async (): Promise<PushIntent | { readonly landed: string }> => {
  const identity = { name: 'Refinery (gastown)', email: 'refinery@noreply.gastown.invalid' };
  const result = await runCommand(
    {
      kind: 'prepare',
      rigId,
      mergeRequestId: `web-mr${job.number}`,
      branch: job.branch,
      headSha: job.headSha,
      targetBranch: 'main',
      message: job.title,
      author: identity,
      committer: identity,
      commitAt: '2026-11-21T10:00:00.000Z',
    },
    context,
  );
  if (result.kind === 'prepare' && result.outcome === 'already-merged') return { landed: job.headSha };
  if (result.kind !== 'prepare' || result.targetSha === undefined || result.tip === undefined) throw new Error(JSON.stringify(result));
  return { targetBranch: 'main', expectedOld: result.targetSha, newTip: result.tip };
};

for (;;) {
  const state = readState();
  if (state.landed !== undefined) break;
  if (state.intent === undefined) {
    const prepared = await prepare();
    await did('prepare');
    persist('landed' in prepared ? { landed: prepared.landed } : { intent: prepared });
    await did('persist');
    continue;
  }
  const result = await runCommand({ kind: 'push', rigId, intent: state.intent }, context);
  if (result.kind !== 'push') throw new Error(JSON.stringify(result));
  await did(result.outcome);
  persist(result.outcome === 'moved' ? {} : { landed: state.intent.newTip });
  await did('record');
}
process.stdout.write('landed\n');
process.exit(0);
