// Reviews and their threads: REST makes them, only GraphQL tells whether a thread is resolved.
import { z } from 'zod';
import { mustHave, repositoryFor } from './apps.ts';
import { headOf, pullOf } from './pulls.ts';
import { Refusal, isoOf, textOf, userView } from './world.ts';
import type { Answer, Asked, FakeReview, FakeThread } from './world.ts';

export const listReviews = (asked: Asked, path: string, number: string): Answer => ({
  list: pullOf(repositoryFor(asked, path), number).reviews.map(({ id, login, state, body, commitId, submittedAt }) => ({
    id,
    user: userView(login),
    state,
    body,
    commit_id: commitId,
    submitted_at: submittedAt,
  })),
});

const eventStates: Readonly<Record<string, FakeReview['state']>> = {
  APPROVE: 'APPROVED',
  REQUEST_CHANGES: 'CHANGES_REQUESTED',
  COMMENT: 'COMMENTED',
};
const commentsSchema = z.array(z.object({ path: z.string(), line: z.int().positive().optional(), body: z.string() })).default([]);

/** Lines of the new version that a hunk of the diff holds. */
const isInDiff = (patch: string, line: number): boolean =>
  [...patch.matchAll(/^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@/gm)].some(
    ([, from, count]) => line >= Number(from) && line < Number(from) + Number(count ?? 1),
  );
export const addReview = (asked: Asked, path: string, number: string): Answer => {
  const repository = repositoryFor(asked, path);
  mustHave(asked.token, 'pull_requests', 'write');
  const pull = pullOf(repository, number);
  const event = textOf(asked.body, 'event');
  const state = eventStates[event];
  if (state === undefined) throw new Refusal(422, 'Unprocessable Entity');
  if (state !== 'COMMENTED' && pull.author === asked.token.login)
    throw new Refusal(422, 'Unprocessable Entity', [
      { message: `Review Can not ${event === 'APPROVE' ? 'approve' : 'request changes on'} your own pull request` },
    ]);
  const comments = commentsSchema.parse(asked.body['comments']);
  const files = new Map(repository.git.files(pull.baseRef, headOf(repository, pull)).map(({ filename, patch }) => [filename, patch]));
  if (comments.some((each) => each.line === undefined || !isInDiff(files.get(each.path) ?? '', each.line)))
    throw new Refusal(422, 'Unprocessable Entity', [{ message: 'Pull request review thread line must be part of the diff' }]);
  const at = isoOf(asked.world);
  const { login } = asked.token;
  const review: FakeReview = {
    id: asked.world.nextId(),
    login,
    state,
    body: textOf(asked.body, 'body'),
    commitId: textOf(asked.body, 'commit_id') || headOf(repository, pull),
    submittedAt: at,
  };
  pull.reviews.push(review);
  for (const each of comments) {
    pull.threads.push({
      id: `PRRT_${asked.world.nextId()}`,
      path: each.path,
      line: each.line ?? null,
      isResolved: false,
      isOutdated: false,
      comments: [{ id: asked.world.nextId(), login, body: each.body, createdAt: at }],
    });
  }
  return { status: 200, body: { id: review.id, user: userView(login), state, body: review.body } };
};

/** Finds a thread by its node id, anywhere. */
export const threadOf = (asked: Pick<Asked, 'world'>, id: string): FakeThread | undefined => {
  for (const repository of asked.world.repositories.values())
    for (const pull of repository.pulls) {
      const found = pull.threads.find((thread) => thread.id === id);
      if (found !== undefined) return found;
    }
  return undefined;
};
