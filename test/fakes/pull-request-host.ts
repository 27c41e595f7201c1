// A git host in memory, and what people do there. Passes the same suite as the adapters of real hosts.
import type { MergeMethod, PullRequestFacts, PullRequestRef, ReviewThread } from '../../functions/contracts/pull-request.schema.ts';
import { HostRefused } from '../../functions/host-errors.ts';
import type { Clock } from '../../functions/ports.ts';
import type { MergeCall, NewPullRequest, PullRequestHost } from '../../functions/pull-request-host.ts';

type Method = keyof PullRequestHost;
/** What was written on the host, with the key it was written under. */
export interface Said {
  readonly number: number;
  readonly key: string;
  readonly text: string;
  readonly threadId?: string;
  readonly event?: string;
}
export interface MemoryHost extends PullRequestHost {
  /** Every call in order, those that failed too. */
  readonly calls: Method[];
  readonly said: Said[];
  readonly opened: (NewPullRequest & { readonly number: number })[];
  readonly mergeCalls: MergeCall[];
  /** Heads of branches. A pull request follows its branch; its checks begin again. */
  push(branch: string, sha: string): void;
  people: {
    edit(number: number, change: Partial<PullRequestFacts>): void;
    thread(number: number, thread: Partial<ReviewThread> & { readonly id: string }): void;
    merge(number: number, sha: string): void;
    close(number: number): void;
    allow(methods: readonly MergeMethod[]): void;
  };
  /** The next call of the method throws this; `after`: it has its effect first, as when the answer is lost. */
  failNext(method: Method, error: Error, when?: 'before' | 'after'): void;
  /** May the credential open pull requests? */
  deny(message: string): void;
}

export const memoryHost = (clock: Clock, repo = 'acme/web'): MemoryHost => {
  const heads = new Map<string, string>();
  const pulls = new Map<number, PullRequestFacts>();
  const failures = new Map<Method, { error: Error; when: 'before' | 'after' }[]>();
  const written = new Set<string>();
  const calls: Method[] = [];
  const said: Said[] = [];
  const opened: MemoryHost['opened'] = [];
  const mergeCalls: MergeCall[] = [];
  let allowed: readonly MergeMethod[] = ['squash', 'merge', 'rebase'];
  let denied: string | undefined;
  const refOf = ({ number, url }: PullRequestFacts): PullRequestRef => ({ number, url, repo });
  const known = (number: number): PullRequestFacts => {
    const pull = pulls.get(number);
    if (pull === undefined) throw new HostRefused(`There is no pull request ${number} in ${repo}.`, 'not_found');
    return pull;
  };
  const put = (number: number, change: Partial<PullRequestFacts>): void => {
    pulls.set(number, { ...known(number), ...change });
  };
  const call = async <T>(method: Method, act: () => T): Promise<T> => {
    calls.push(method);
    const failure = failures.get(method)?.shift();
    if (failure?.when === 'before') throw failure.error;
    const answer = act();
    if (failure !== undefined) throw failure.error;
    return answer;
  };
  const say = (each: Said): void => {
    if (written.has(each.key)) return;
    written.add(each.key);
    said.push(each);
  };
  const fresh = (request: NewPullRequest, number: number, headSha: string): PullRequestFacts => ({
    number,
    url: `https://git.example/${repo}/pull/${number}`,
    repo,
    state: 'open',
    title: request.title,
    author: 'gastown-bot',
    authorIsSelf: true,
    headBranch: request.headBranch,
    headSha,
    headPushedAt: new Date(clock.nowMs()).toISOString(),
    baseBranch: request.baseBranch,
    draft: false,
    mergeable: 'clean',
    reviewDecision: 'none',
    requiredApprovals: 0,
    approvals: 0,
    threads: [],
    threadsComplete: true,
    checks: [],
    checksComplete: true,
    allowedMethods: [...allowed],
  });
  return {
    calls,
    said,
    opened,
    mergeCalls,
    push: (branch, sha) => {
      heads.set(branch, sha);
      for (const pull of pulls.values())
        if (pull.state === 'open' && pull.headBranch === branch)
          put(pull.number, { headSha: sha, headPushedAt: new Date(clock.nowMs()).toISOString(), checks: [], mergeable: 'clean' });
    },
    people: {
      edit: put,
      thread: (number, thread) => {
        const full: ReviewThread = {
          kind: 'thread',
          author: 'grace',
          canWrite: true,
          text: 'Please look at this.',
          lastCommentId: `${thread.id}-1`,
          resolved: false,
          ...thread,
        };
        put(number, { threads: [...known(number).threads.filter(({ id }) => id !== thread.id), full] });
      },
      merge: (number, sha) => {
        put(number, { state: 'merged', mergedSha: sha, mergedBy: 'grace' });
      },
      close: (number) => {
        put(number, { state: 'closed', closedBy: 'grace' });
      },
      allow: (methods) => {
        allowed = methods;
        for (const number of pulls.keys()) put(number, { allowedMethods: [...methods] });
      },
    },
    failNext: (method, error, when = 'before') => {
      failures.set(method, [...(failures.get(method) ?? []), { error, when }]);
    },
    deny: (message) => {
      denied = message;
    },
    access: () =>
      call('access', () =>
        denied === undefined
          ? { ok: true, host: 'github', repo, login: 'gastown-bot', allowedMethods: allowed }
          : { ok: false, message: denied },
      ),
    open: (_repository, request) =>
      call('open', () => {
        const same = [...pulls.values()].find(
          (pull) =>
            pull.isFork !== true &&
            pull.state === 'open' &&
            pull.headBranch === request.headBranch &&
            pull.baseBranch === request.baseBranch,
        );
        if (same !== undefined) return refOf(same);
        const headSha = heads.get(request.headBranch);
        if (headSha === undefined) throw new HostRefused(`There is no branch ${request.headBranch} in ${repo}.`, 'invalid');
        const pull = fresh(request, pulls.size + 1, headSha);
        pulls.set(pull.number, pull);
        opened.push({ ...request, number: pull.number });
        return refOf(pull);
      }),
    findByHead: (_repository, headBranch) =>
      call('findByHead', () => {
        const order = ['open', 'merged', 'closed'];
        const [found] = [...pulls.values()]
          .filter((pull) => pull.isFork !== true && pull.headBranch === headBranch)
          .toSorted((one, other) => order.indexOf(one.state) - order.indexOf(other.state) || other.number - one.number);
        return found === undefined ? undefined : refOf(found);
      }),
    facts: (_repository, number) => call('facts', () => structuredClone(known(number))),
    merge: (_repository, given) =>
      call('merge', () => {
        mergeCalls.push(given);
        const pull = known(given.number);
        if (pull.state === 'merged') return { merged: true, sha: pull.mergedSha ?? pull.headSha };
        if (pull.headSha !== given.sha) return { merged: false, reason: 'head_moved', message: 'Head branch was modified.' };
        if (!allowed.includes(given.method))
          return { merged: false, reason: 'method_not_allowed', message: `${given.method} merges are not allowed on this repository.` };
        if (pull.state === 'closed' || pull.draft || pull.mergeable === 'conflict')
          return { merged: false, reason: 'not_mergeable', message: 'Pull request is not mergeable.' };
        const sha = `${'f'.repeat(39)}${given.number % 10}`;
        put(given.number, { state: 'merged', mergedSha: sha, mergedBy: 'gastown-bot' });
        return { merged: true, sha };
      }),
    comment: (_repository, comment) =>
      call('comment', () => {
        known(comment.number);
        say({ number: comment.number, key: comment.key, text: comment.text });
      }),
    review: (_repository, review) =>
      call('review', () => {
        const event = known(review.number).authorIsSelf ? 'comment' : review.event;
        say({ number: review.number, key: review.key, text: review.text, event });
        for (const [index, { text }] of review.comments.entries())
          say({ number: review.number, key: `${review.key}#${index}`, text, event: 'line' });
      }),
    replyAndResolve: (_repository, reply) =>
      call('replyAndResolve', () => {
        const { number, key, text, threadId } = reply;
        say({ number, key, text, threadId });
        put(number, {
          threads: known(number).threads.map((thread) =>
            thread.id === threadId && thread.kind === 'thread' ? { ...thread, resolved: true } : thread,
          ),
        });
      }),
    isInOpenPullRequest: (_repository, branch) =>
      call('isInOpenPullRequest', () =>
        [...pulls.values()].some((pull) => pull.state === 'open' && (pull.headBranch === branch || pull.baseBranch === branch)),
      ),
  };
};
