// Pull requests over REST: made, listed, looked at, merged by the rules of their repository, commented and reviewed.
import { mustHave, repositoryFor } from './apps.ts';
import { missingChecks } from './checks.ts';
import { Refusal, isoOf, textOf, userView } from './world.ts';
import type { Answer, Asked, FakePull, FakeRepository, FakeReview, MergeMethod } from './world.ts';

const pathOf = (repository: FakeRepository): string => `${repository.owner}/${repository.name}`;
export const headOf = (repository: FakeRepository, pull: FakePull): string =>
  (pull.state === 'open' && pull.headRepository === pathOf(repository) ? repository.git.headOf(pull.headRef) : undefined) ??
  pull.lastHeadSha;

/** null until it was asked for once, as GitHub works it out in the background. */
export const mergeableOf = (repository: FakeRepository, pull: FakePull): boolean | null => {
  if (pull.state !== 'open') return null;
  const isKnown = pull.isMergeableKnown;
  pull.isMergeableKnown = true;
  return isKnown ? !repository.git.conflicts(pull.baseRef, headOf(repository, pull)) : null;
};

export const pullView = (
  { origin }: Pick<Asked, 'origin'>,
  repository: FakeRepository,
  pull: FakePull,
): Readonly<Record<string, unknown>> => ({
  number: pull.number,
  html_url: `${origin}/${pathOf(repository)}/pull/${pull.number}`,
  state: pull.state,
  title: pull.title,
  body: pull.body,
  draft: pull.draft,
  user: userView(pull.author),
  merged_at: pull.merged?.at ?? null,
  merge_commit_sha: pull.merged?.sha ?? null,
  created_at: pull.createdAt,
  head: {
    ref: pull.headRef,
    sha: headOf(repository, pull),
    repo: { full_name: pull.headRepository },
    label: `${pull.headRepository.split('/')[0]}:${pull.headRef}`,
  },
  base: { ref: pull.baseRef, sha: repository.git.headOf(pull.baseRef) ?? '0'.repeat(40), repo: { full_name: pathOf(repository) } },
});

export const pullOf = (repository: FakeRepository, number: string | number): FakePull => {
  const pull = repository.pulls.find((each) => each.number === Number(number));
  if (pull === undefined) throw new Refusal(404, 'Not Found');
  return pull;
};

export const listPulls = (asked: Asked, path: string): Answer => {
  const repository = repositoryFor(asked, path);
  mustHave(asked.token, 'pull_requests', 'read');
  const state = asked.query.get('state') ?? 'open';
  const [head, base] = [asked.query.get('head'), asked.query.get('base')];
  const list = repository.pulls
    .filter((pull) => state === 'all' || pull.state === state)
    .filter((pull) => head === null || `${pull.headRepository.split('/')[0]}:${pull.headRef}` === head)
    .filter((pull) => base === null || pull.baseRef === base)
    .toSorted((one, two) => two.number - one.number);
  return { list: list.map((pull) => pullView(asked, repository, pull)) };
};

const invalid = (errors: readonly Readonly<Record<string, string>>[]): Refusal => new Refusal(422, 'Validation Failed', errors);
export const openPull = (asked: Asked, path: string): Answer => {
  const repository = repositoryFor(asked, path);
  mustHave(asked.token, 'pull_requests', 'write');
  const [head, base, title] = [textOf(asked.body, 'head'), textOf(asked.body, 'base'), textOf(asked.body, 'title')];
  const branch = head.replace(/^[^:]*:/, '');
  const sha = repository.git.headOf(branch);
  if (sha === undefined) throw invalid([{ resource: 'PullRequest', field: 'head', code: 'invalid' }]);
  if (repository.git.headOf(base) === undefined) throw invalid([{ resource: 'PullRequest', field: 'base', code: 'invalid' }]);
  if (
    repository.pulls.some(
      (pull) => pull.state === 'open' && pull.headRef === branch && pull.baseRef === base && pull.headRepository === pathOf(repository),
    )
  )
    throw invalid([
      { resource: 'PullRequest', code: 'custom', message: `A pull request already exists for ${repository.owner}:${branch}.` },
    ]);
  if (repository.git.ahead(base, branch) === 0)
    throw invalid([{ resource: 'PullRequest', code: 'custom', message: `No commits between ${base} and ${branch}` }]);
  const pull = newPull(asked, { repository, head: branch, base, title, body: textOf(asked.body, 'body'), sha });
  return { status: 201, body: pullView(asked, repository, pull) };
};
export const newPull = (
  { world, token }: Pick<Asked, 'world' | 'token'>,
  made: { repository: FakeRepository; head: string; base: string; title: string; body: string; sha: string; headRepository?: string },
): FakePull => {
  const pull: FakePull = {
    number: made.repository.pulls.length + 1,
    title: made.title,
    body: made.body,
    author: token.login,
    headRef: made.head,
    headRepository: made.headRepository ?? pathOf(made.repository),
    baseRef: made.base,
    state: 'open',
    draft: false,
    merged: undefined,
    lastHeadSha: made.sha,
    isMergeableKnown: false,
    reviews: [],
    threads: [],
    comments: [],
    createdAt: isoOf(world),
  };
  made.repository.pulls.push(pull);
  return pull;
};

/** The newest decision of each reviewer with write access, without the author's. */
export const decisions = (repository: FakeRepository, pull: FakePull): readonly FakeReview[] => {
  const newest = new Map<string, FakeReview>();
  for (const review of pull.reviews)
    if (
      ['APPROVED', 'CHANGES_REQUESTED', 'DISMISSED'].includes(review.state) &&
      ['write', 'admin'].includes(repository.people.get(review.login) ?? '')
    )
      newest.set(review.login, review);
  return [...newest.values()];
};

const methodNames: Readonly<Record<MergeMethod, string>> = { merge: 'Merge commits', squash: 'Squash merges', rebase: 'Rebase merges' };
const isMethod = (text: string): text is MergeMethod => text in methodNames;
const mayMerge = (repository: FakeRepository, pull: FakePull): void => {
  const rule = repository.rules.get(pull.baseRef);
  const decided = decisions(repository, pull);
  const approvals = decided.filter(({ state }) => state === 'APPROVED').length;
  if (pull.draft) throw new Refusal(405, 'Pull Request is still a draft');
  if (repository.git.conflicts(pull.baseRef, headOf(repository, pull))) throw new Refusal(405, 'Pull Request has merge conflicts');
  if (rule === undefined) return;
  if (approvals < rule.requiredApprovals || decided.some(({ state }) => state === 'CHANGES_REQUESTED'))
    throw new Refusal(405, `At least ${rule.requiredApprovals} approving review is required by reviewers with write access.`);
  const [missing] = missingChecks(repository, headOf(repository, pull), rule.requiredChecks);
  if (missing !== undefined) throw new Refusal(405, `Required status check "${missing}" is expected.`);
};

/** `PUT …/merge` with 405, 409 and 422 as GitHub answers them. */
export const mergePull = (asked: Asked, path: string, number: string): Answer => {
  const repository = repositoryFor(asked, path, 'write');
  const pull = pullOf(repository, number);
  const method = textOf(asked.body, 'merge_method') || 'merge';
  const sha = textOf(asked.body, 'sha');
  if (!isMethod(method)) throw invalid([{ resource: 'PullRequest', field: 'merge_method', code: 'invalid' }]);
  if (pull.state !== 'open') throw new Refusal(405, 'Pull Request is not mergeable');
  if (sha !== '' && sha !== headOf(repository, pull)) throw new Refusal(409, 'Head branch was modified. Review and try the merge again.');
  if (!repository.methods.includes(method)) throw new Refusal(405, `${methodNames[method]} are not allowed on this repository.`);
  mayMerge(repository, pull);
  const message = `${textOf(asked.body, 'commit_title')}\n\n${textOf(asked.body, 'commit_message')}`;
  const headSha = headOf(repository, pull);
  const merged = repository.git.merge({ base: pull.baseRef, headSha, method, message });
  pull.lastHeadSha = headSha;
  pull.merged = { sha: merged, by: asked.token.login, at: isoOf(asked.world) };
  pull.state = 'closed';
  return { status: 200, body: { sha: merged, merged: true, message: 'Pull Request successfully merged' } };
};

export const listComments = (asked: Asked, path: string, number: string): Answer => ({
  list: pullOf(repositoryFor(asked, path), number).comments.map(({ id, login, body, createdAt }) => ({
    id,
    user: userView(login),
    body,
    created_at: createdAt,
  })),
});
export const comment = (asked: Asked, path: string, number: string): Answer => {
  const pull = pullOf(repositoryFor(asked, path), number);
  mustHave(asked.token, 'pull_requests', 'write');
  const made = { id: asked.world.nextId(), login: asked.token.login, body: textOf(asked.body, 'body'), createdAt: isoOf(asked.world) };
  pull.comments.push(made);
  return { status: 201, body: { id: made.id, user: userView(made.login), body: made.body, created_at: made.createdAt } };
};
export const assign = (asked: Asked, path: string, number: string): Answer => {
  const repository = repositoryFor(asked, path, 'write');
  return { status: 201, body: { number: pullOf(repository, number).number } };
};
