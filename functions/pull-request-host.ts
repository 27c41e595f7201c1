// The part of a git host that has pull requests, as a port. GitHub and GitLab fulfil the same contract suite; plain remotes have none.
import type { MergeMethod, PullRequestFacts, PullRequestRef } from './contracts/pull-request.schema.ts';

export interface GitCredential {
  readonly username: string;
  readonly password: string;
}

/** A rig's repository with what it is asked with. `atHost` of operations/host-access.ts makes it. */
export interface HostRepository {
  readonly gitUrl: string;
  readonly credential?: GitCredential | undefined;
  /** What the rig's connection says that its host is; without one, the name of the host tells. */
  readonly host?: 'github' | undefined;
}

export type HostAccess =
  /** `repo`: path on the host in lower case, e.g. `owner/name`. `login`: the account that asks. */
  | {
      readonly ok: true;
      readonly host: 'github' | 'gitlab';
      readonly repo: string;
      readonly login: string;
      readonly allowedMethods: readonly MergeMethod[];
    }
  /** A sentence: there are no pull requests here, or this credential may not open them. */
  | { readonly ok: false; readonly message: string };

export interface NewPullRequest {
  readonly headBranch: string;
  readonly baseBranch: string;
  readonly title: string;
  readonly body: string;
  /** Account of the person who asked, where one is known; an account that cannot be assigned is left out. */
  readonly assignee?: string | undefined;
}
/** `key` names what is written: an adapter hides it in the text, looks for it before it writes, and so writes once. */
export interface KeyedText {
  readonly number: number;
  readonly key: string;
  readonly text: string;
}
export interface NewReview extends KeyedText {
  readonly sha: string;
  /** `approve` and `request_changes` of one's own pull request become `comment`: a host refuses them. */
  readonly event: 'approve' | 'request_changes' | 'comment';
  /** At lines of the diff; one at a line that the diff does not have goes into the text of the review. */
  readonly comments: readonly { readonly path: string; readonly line?: number | undefined; readonly text: string }[];
}
export interface MergeCall {
  readonly number: number;
  /** Head that was looked at: the host refuses another one. */
  readonly sha: string;
  readonly method: MergeMethod;
  readonly title: string;
  readonly message: string;
}
export type MergeAnswer =
  | { readonly merged: true; readonly sha: string }
  /** `not_mergeable`: a rule of the repository, a conflict or a check stands in the way. `message` is the host's own sentence. */
  | { readonly merged: false; readonly reason: 'head_moved' | 'method_not_allowed' | 'not_mergeable'; readonly message: string };

/**
 * All methods throw (host-errors.ts) `HostUnavailable` when the host cannot answer now, with its own hint, and `HostRefused` when it will not.
 * All of them may be repeated: what is there already is found and answered, not made again.
 */
export interface PullRequestHost {
  /** Are there pull requests here, and may this credential open and merge them? Writes nothing. Throws `HostUnavailable` only. */
  access(repository: HostRepository): Promise<HostAccess>;
  /** Opens one; an open one with this head and base is answered instead. */
  open(repository: HostRepository, request: NewPullRequest): Promise<PullRequestRef>;
  /** The newest of this head branch, open before merged before closed. */
  findByHead(repository: HostRepository, headBranch: string): Promise<PullRequestRef | undefined>;
  /** Both kinds of checks, all pages within a bound. `HostRefused` `not_found` when there is no such one. */
  facts(repository: HostRepository, number: number): Promise<PullRequestFacts>;
  merge(repository: HostRepository, call: MergeCall): Promise<MergeAnswer>;
  comment(repository: HostRepository, comment: KeyedText): Promise<void>;
  review(repository: HostRepository, review: NewReview): Promise<void>;
  /** Answers a thread and, of kind `thread`, resolves it. One that is gone or resolved is a success. */
  replyAndResolve(
    repository: HostRepository,
    reply: KeyedText & { readonly threadId: string; readonly kind: 'thread' | 'review' },
  ): Promise<void>;
  /** For the removal of branches: an open pull request, anybody's, has this branch as its head or base. */
  isInOpenPullRequest(repository: HostRepository, branch: string): Promise<boolean>;
}
