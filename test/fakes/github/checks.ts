// Check runs and commit statuses of a commit, the rules of a branch, and what happened to a branch.
import { repositoryFor } from './apps.ts';
import { Refusal } from './world.ts';
import type { Answer, Asked, FakeRepository } from './world.ts';

const good = new Set(['success', 'neutral', 'skipped']);
export const missingChecks = (repository: FakeRepository, sha: string, required: readonly string[]): readonly string[] =>
  required.filter((name) => {
    const run = repository.checkRuns.findLast((each) => each.sha === sha && each.name === name);
    const status = repository.statuses.findLast((each) => each.sha === sha && each.context === name);
    return !(run !== undefined && good.has(run.conclusion ?? '')) && status?.state !== 'success';
  });

export const listCheckRuns = (asked: Asked, path: string, sha: string): Answer => {
  const repository = repositoryFor(asked, path);
  return {
    list: repository.checkRuns
      .filter((run) => run.sha === sha)
      .map((run) => ({
        id: run.id,
        name: run.name,
        head_sha: run.sha,
        status: run.status,
        conclusion: run.conclusion,
        html_url: `${asked.origin}/${path}/runs/${run.id}`,
        app: { slug: 'github-actions' },
        output: { title: run.name, summary: run.summary, text: null },
      })),
    under: 'check_runs',
  };
};
export const combinedStatus = (asked: Asked, path: string, sha: string): Answer => {
  const repository = repositoryFor(asked, path);
  const newest = new Map(repository.statuses.filter((status) => status.sha === sha).map((status) => [status.context, status]));
  return {
    list: [...newest.values()].map(({ context, state, description }) => ({ context, state, description, target_url: null })),
    under: 'statuses',
    beside: { state: 'pending', sha },
  };
};
/** As for a job of Actions: the log lies elsewhere, and the token must not go there. */
export const jobLogs = (asked: Asked, path: string, id: string): Answer => {
  const repository = repositoryFor(asked, path);
  if (!repository.checkRuns.some((run) => run.id === Number(id))) throw new Refusal(404, 'Not Found');
  return { status: 302, headers: { location: `${asked.origin}/_logs/${id}` } };
};
export const branchRules = (asked: Asked, path: string, branch: string): Answer => {
  const rule = repositoryFor(asked, path).rules.get(branch);
  if (rule?.kind !== 'ruleset') return { list: [] };
  return {
    list: [
      { type: 'pull_request', parameters: { required_approving_review_count: rule.requiredApprovals } },
      { type: 'required_status_checks', parameters: { required_status_checks: rule.requiredChecks.map((context) => ({ context })) } },
    ],
  };
};

export const activity = (asked: Asked, path: string): Answer => ({
  list: repositoryFor(asked, path)
    .pushes.filter(({ branch }) => `refs/heads/${branch}` === asked.query.get('ref'))
    .toReversed()
    .map(({ branch, sha, at }) => ({ ref: `refs/heads/${branch}`, after: sha, timestamp: at, activity_type: 'push' })),
});
