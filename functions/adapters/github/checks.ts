// Check runs and commit statuses of a head, those that its branch requires, and the log of what failed.
import { z } from 'zod';
import { hostTextCharacters } from '../../contracts/pull-request.schema.ts';
import type { MergeMethod, PullRequestCheck } from '../../contracts/pull-request.schema.ts';
import type { Clock } from '../../ports.ts';
import type { GithubClient } from './client.ts';
import { createMemory } from './memory.ts';
import type { Memory } from './memory.ts';
import type { Asked } from './threads.ts';

const pages = 3;
const checksKept = 500;
const logsRead = 3;
const logsRemembered = 100;
const logTailBytes = 16 * 1024;

const runSchema = z.object({
  id: z.int(),
  name: z.string(),
  status: z.string(),
  conclusion: z.string().nullable(),
  html_url: z.string().nullable().optional(),
  app: z.object({ slug: z.string().optional() }).nullable().optional(),
  output: z.object({ title: z.string().nullable().optional(), summary: z.string().nullable().optional() }).optional(),
});
type Run = z.infer<typeof runSchema>;
const statusSchema = z.object({
  context: z.string(),
  state: z.string(),
  description: z.string().nullable().optional(),
  target_url: z.string().nullable().optional(),
});
type Status = z.infer<typeof statusSchema>;

/** What a branch demands beside what GraphQL tells: its rulesets. */
export interface BranchRules {
  readonly requiredChecks: readonly string[];
  readonly requiredApprovals: number;
  /** undefined: all methods of the repository. */
  readonly methods: readonly MergeMethod[] | undefined;
}
const ruleSchema = z.object({ type: z.string(), parameters: z.record(z.string(), z.unknown()).optional() });
const approvalsSchema = z.object({
  required_approving_review_count: z.int().default(0),
  allowed_merge_methods: z.array(z.enum(['merge', 'squash', 'rebase'])).optional(),
});
const requiredSchema = z.object({ required_status_checks: z.array(z.object({ context: z.string() })).default([]) });

/** Hosts and plans without rulesets say 404 or 403: then there are none. */
export const branchRules = async (client: GithubClient, { asking, address }: Asked, branch: string): Promise<BranchRules> => {
  const answer = await client.askOr(asking, {
    route: 'GET /repos/{owner}/{repo}/rules/branches/{branch}',
    parameters: { owner: address.owner, repo: address.name, branch, per_page: 100 },
    schema: z.array(ruleSchema),
    expected: [403, 404],
  });
  const rules = answer.ok ? answer.data : [];
  const approvals = rules.filter(({ type }) => type === 'pull_request').map(({ parameters }) => approvalsSchema.parse(parameters ?? {}));
  const checks = rules
    .filter(({ type }) => type === 'required_status_checks')
    .map(({ parameters }) => requiredSchema.parse(parameters ?? {}));
  const limited = approvals.flatMap(({ allowed_merge_methods: methods }) => (methods === undefined ? [] : [methods]));
  return {
    requiredChecks: checks.flatMap(({ required_status_checks: required }) => required.map(({ context }) => context)),
    requiredApprovals: Math.max(0, ...approvals.map(({ required_approving_review_count: count }) => count)),
    methods:
      limited.length === 0
        ? undefined
        : (['squash', 'merge', 'rebase'] as const).filter((method) => limited.every((some) => some.includes(method))),
  };
};

const good = new Set(['success', 'neutral', 'skipped']);
const runState = ({ status, conclusion }: Run): PullRequestCheck['state'] => {
  if (status !== 'completed') return 'pending';
  return good.has(conclusion ?? '') ? 'passed' : 'failed';
};
const statusState = ({ state }: Status): PullRequestCheck['state'] => {
  if (state === 'success') return 'passed';
  return state === 'pending' ? 'pending' : 'failed';
};
const urlOf = (url: string | null | undefined): { readonly url?: string } =>
  url === null || url === undefined || url.length > 1000 ? {} : { url };
const tailOf = (text: string): { readonly logTail?: string } => (text === '' ? {} : { logTail: text.slice(-hostTextCharacters) });

export interface ChecksRead {
  readonly checks: PullRequestCheck[];
  readonly complete: boolean;
}
export type ChecksReader = (asked: Asked, sha: string, required: ReadonlySet<string>) => Promise<ChecksRead>;

/** What a failed run says: the end of its job's log where it is one of Actions and may be read, else its own summary. */
const logOf = async (client: GithubClient, { asking, address }: Asked, run: Run): Promise<string> => {
  const said = [run.output?.title, run.output?.summary].filter((text) => text !== null && text !== undefined && text !== '').join('\n');
  if (run.app?.slug !== 'github-actions') return said;
  // A log that cannot be read is no reason not to tell of the check.
  const log = await client
    .tail(asking, `/repos/${address.owner}/${address.name}/actions/jobs/${run.id}/logs`, logTailBytes)
    .catch(() => '');
  return log === '' ? said : log;
};

const withLogs = async (client: GithubClient, asked: Asked, runs: readonly Run[], logs: Memory<string>): Promise<Map<number, string>> => {
  const failed = runs.filter((run) => runState(run) === 'failed').slice(0, logsRead);
  const read = await Promise.all(
    failed.map(
      async (run) =>
        [run.id, await logs.get(`${asked.asking.apiUrl} ${asked.address.repo} ${run.id}`, () => logOf(client, asked, run))] as const,
    ),
  );
  return new Map(read);
};

/** Reads check runs AND commit statuses; a required name that is in neither is pending. */
export const createChecksReader = (client: GithubClient, clock: Clock): ChecksReader => {
  // A log does not change once its run is over.
  const logs = createMemory<string>(clock, { most: logsRemembered, freshUntilMs: () => Number.POSITIVE_INFINITY });
  return async (asked, sha, required) => {
    const { asking, address } = asked;
    const parameters = { owner: address.owner, repo: address.name, ref: sha };
    const [runs, statuses] = await Promise.all([
      client.list(asking, {
        route: 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs',
        parameters,
        item: runSchema,
        under: 'check_runs',
        pages,
      }),
      client.list(asking, {
        route: 'GET /repos/{owner}/{repo}/commits/{ref}/status',
        parameters,
        item: statusSchema,
        under: 'statuses',
        pages,
      }),
    ]);
    const texts = await withLogs(client, asked, runs.items, logs);
    const known = new Set([...runs.items.map(({ name }) => name), ...statuses.items.map(({ context }) => context)]);
    const checks: PullRequestCheck[] = [
      ...[...required]
        .filter((name) => !known.has(name))
        .map((name) => ({ name: name.slice(0, 300), state: 'pending' as const, required: true })),
      ...runs.items.map((run) => ({
        name: run.name.slice(0, 300),
        state: runState(run),
        required: required.has(run.name),
        ...urlOf(run.html_url),
        ...tailOf(texts.get(run.id) ?? ''),
      })),
      ...statuses.items.map((status) => ({
        name: status.context.slice(0, 300),
        state: statusState(status),
        required: required.has(status.context),
        ...urlOf(status.target_url),
        ...(statusState(status) === 'failed' ? tailOf(status.description ?? '') : {}),
      })),
    ];
    const complete = checks.length <= checksKept && runs.complete && statuses.complete;
    return { checks: checks.slice(0, checksKept), complete };
  };
};
