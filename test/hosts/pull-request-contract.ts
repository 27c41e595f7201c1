// What every git host with pull requests does, told without its words. Adapters run it against a server that speaks their host's API.
import { describe, expect, it } from 'vitest';
import type { MergeMethod } from '../../functions/contracts/pull-request.schema.ts';
import { pullRequestFactsSchema } from '../../functions/contracts/pull-request.schema.ts';
import type { HostRepository, NewPullRequest, PullRequestHost } from '../../functions/pull-request-host.ts';

export interface HostWorld {
  readonly host: PullRequestHost;
  readonly repository: HostRepository;
  /** Puts a new commit on a branch; answers its id. */
  push(branch: string): Promise<string>;
  /** Somebody with write access says something at a line. Answers the thread's id. */
  thread(number: number, text: string): Promise<string>;
  close(number: number): Promise<void>;
  allow(methods: readonly MergeMethod[]): Promise<void>;
  /** Texts that were written on the pull request, ours and others'. */
  texts(number: number): Promise<readonly string[]>;
  stop?(): Promise<void>;
}

const request: NewPullRequest = { headBranch: 'gt/web-1', baseBranch: 'main', title: 'Say hello', body: 'For web-1.' };
const key = 'web-m1.r1';

/** Runs the suite on worlds that the adapter's test makes. */
export const pullRequestHostSuite = (name: string, make: () => Promise<HostWorld>): void => {
  describe(`pull requests on ${name}`, () => {
    const within = async (act: (world: HostWorld) => Promise<void>): Promise<void> => {
      const world = await make();
      try {
        await world.push('main');
        await act(world);
      } finally {
        await world.stop?.();
      }
    };

    it('are opened once for a head and a base, and found by their head', () =>
      within(async ({ host, repository, push }) => {
        const sha = await push('gt/web-1');
        expect(await host.findByHead(repository, 'gt/web-1')).toBeUndefined();
        const one = await host.open(repository, request);
        expect(await host.open(repository, request)).toEqual(one);
        expect(await host.findByHead(repository, 'gt/web-1')).toEqual(one);
        const access = await host.access(repository);
        expect(access).toMatchObject({ ok: true, repo: one.repo });
        const facts = await host.facts(repository, one.number);
        expect(pullRequestFactsSchema.parse(facts)).toEqual(facts);
        expect(facts).toMatchObject({
          ...one,
          state: 'open',
          headSha: sha,
          baseBranch: 'main',
          authorIsSelf: true,
          checks: [],
          threads: [],
        });
      }));
    it('say which branches they need', () =>
      within(async ({ host, repository, push, close }) => {
        await push('gt/web-1');
        const { number } = await host.open(repository, request);
        expect(await host.isInOpenPullRequest(repository, 'gt/web-1')).toBe(true);
        expect(await host.isInOpenPullRequest(repository, 'main')).toBe(true);
        expect(await host.isInOpenPullRequest(repository, 'gt/web-2')).toBe(false);
        await close(number);
        expect(await host.isInOpenPullRequest(repository, 'gt/web-1')).toBe(false);
        expect(await host.facts(repository, number)).toMatchObject({ state: 'closed' });
      }));
    it('are merged at the head that was looked at only, once, by a method that the repository allows', () =>
      within(async ({ host, repository, push, allow }) => {
        const sha = await push('gt/web-1');
        const { number } = await host.open(repository, request);
        const call = { number, sha, title: 'Say hello (#1)', message: 'For web-1.' };
        await allow(['rebase']);
        expect((await host.facts(repository, number)).allowedMethods).toEqual(['rebase']);
        expect(await host.merge(repository, { ...call, method: 'squash' })).toMatchObject({ merged: false, reason: 'method_not_allowed' });
        const newer = await push('gt/web-1');
        expect(await host.merge(repository, { ...call, method: 'rebase' })).toMatchObject({ merged: false, reason: 'head_moved' });
        const merged = await host.merge(repository, { ...call, sha: newer, method: 'rebase' });
        expect(merged).toMatchObject({ merged: true });
        expect(await host.merge(repository, { ...call, sha: newer, method: 'rebase' })).toEqual(merged);
        expect(await host.facts(repository, number)).toMatchObject({
          state: 'merged',
          mergedSha: merged.merged ? merged.sha : '',
        });
        expect(await host.findByHead(repository, 'gt/web-1')).toMatchObject({ number });
      }));
    it('take a comment and a review once, however often they are given', () =>
      within(async ({ host, repository, push, texts }) => {
        const sha = await push('gt/web-1');
        const { number } = await host.open(repository, request);
        const review = { number, key: `${key}.review`, sha, text: 'Looks good to me.', event: 'approve', comments: [] } as const;
        for (let time = 0; time < 2; time += 1) {
          await host.comment(repository, { number, key, text: 'Gates are green.' });
          await host.review(repository, review);
        }
        const all = await texts(number);
        expect(all.filter((text) => text.includes('Gates are green.'))).toHaveLength(1);
        expect(all.filter((text) => text.includes('Looks good to me.'))).toHaveLength(1);
      }));
    it('tell their threads, which are answered and resolved once', () =>
      within(async ({ host, repository, push, thread, texts }) => {
        await push('gt/web-1');
        const { number } = await host.open(repository, request);
        const threadId = await thread(number, 'This is slow.');
        const before = await host.facts(repository, number);
        expect(before.threadsComplete).toBe(true);
        expect(before.threads).toMatchObject([
          { id: threadId, kind: 'thread', text: expect.stringContaining('This is slow.'), canWrite: true, resolved: false },
        ]);
        for (let time = 0; time < 2; time += 1)
          await host.replyAndResolve(repository, { number, threadId, kind: 'thread', key, text: 'Made it fast.' });
        expect((await host.facts(repository, number)).threads).toMatchObject([
          { id: threadId, resolved: true, lastCommentId: before.threads[0]?.lastCommentId },
        ]);
        expect((await texts(number)).filter((text) => text.includes('Made it fast.'))).toHaveLength(1);
      }));
    it('that are not there are refused by a name that stays', () =>
      within(async ({ host, repository }) => {
        await expect(host.facts(repository, 77)).rejects.toMatchObject({ name: 'HostRefused', code: 'not_found' });
      }));
  });
};
