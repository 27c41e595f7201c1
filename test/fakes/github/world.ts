// What the fake GitHub holds: people, tokens, apps, repositories and their pull requests. Knows nothing of the product.
import type { BareRepository } from './bare-repository.ts';

export type MergeMethod = 'merge' | 'squash' | 'rebase';
export type Permission = 'none' | 'read' | 'write' | 'admin';

export interface FakeReview {
  readonly id: number;
  readonly login: string;
  state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED' | 'PENDING';
  readonly body: string;
  readonly commitId: string;
  readonly submittedAt: string;
}
export interface FakeThreadComment {
  readonly id: number;
  readonly login: string;
  readonly body: string;
  readonly createdAt: string;
}
export interface FakeThread {
  readonly id: string;
  readonly path: string;
  /** null where the line is not in the diff any more. */
  readonly line: number | null;
  isResolved: boolean;
  isOutdated: boolean;
  readonly comments: FakeThreadComment[];
}
export interface FakePull {
  readonly number: number;
  title: string;
  body: string;
  readonly author: string;
  readonly headRef: string;
  /** `owner/name` of the repository that the head is in; another one for a fork. */
  readonly headRepository: string;
  baseRef: string;
  state: 'open' | 'closed';
  draft: boolean;
  merged: { readonly sha: string; readonly by: string; readonly at: string } | undefined;
  /** Of a closed one, or of one in a fork, whose branch is not here. */
  lastHeadSha: string;
  /** As GitHub does, says null until somebody has asked once. */
  isMergeableKnown: boolean;
  readonly reviews: FakeReview[];
  readonly threads: FakeThread[];
  readonly comments: { readonly id: number; readonly login: string; readonly body: string; readonly createdAt: string }[];
  readonly createdAt: string;
}
export interface FakeCheckRun {
  readonly id: number;
  readonly sha: string;
  readonly name: string;
  readonly status: 'queued' | 'in_progress' | 'completed';
  readonly conclusion: 'success' | 'failure' | 'neutral' | 'cancelled' | 'skipped' | 'timed_out' | 'action_required' | null;
  readonly summary: string;
  readonly log: string;
}
export interface FakeStatus {
  readonly sha: string;
  readonly context: string;
  readonly state: 'success' | 'failure' | 'error' | 'pending';
  readonly description: string;
}
/** The rule of a branch, as a ruleset or as classic protection. */
export interface FakeBranchRule {
  readonly requiredChecks: readonly string[];
  readonly requiredApprovals: number;
  readonly kind: 'ruleset' | 'protection';
}
export interface FakeRepository {
  readonly owner: string;
  readonly name: string;
  readonly git: BareRepository;
  readonly defaultBranch: string;
  isPrivate: boolean;
  isArchived: boolean;
  methods: readonly MergeMethod[];
  readonly people: Map<string, Permission>;
  readonly rules: Map<string, FakeBranchRule>;
  readonly pulls: FakePull[];
  readonly checkRuns: FakeCheckRun[];
  readonly statuses: FakeStatus[];
  /** Pushes that the host has a record of. */
  readonly pushes: { readonly branch: string; readonly sha: string; readonly at: string }[];
}
export interface FakeToken {
  readonly login: string;
  readonly kind: 'person' | 'installation';
  /** `owner/name`; `all`: what its person may see. */
  readonly repositories: 'all' | readonly string[];
  readonly permissions: Readonly<Record<string, 'read' | 'write'>>;
  readonly endsAtMs?: number;
}
export interface FakeApp {
  readonly appId: number;
  readonly slug: string;
  readonly publicKeyPem: string;
  readonly installations: Map<number, FakeInstallation>;
}
export interface FakeInstallation {
  readonly id: number;
  readonly account: string;
  repositories: 'all' | readonly string[];
  permissions: Readonly<Record<string, 'read' | 'write'>>;
  isSuspended: boolean;
}
export interface World {
  readonly repositories: Map<string, FakeRepository>;
  readonly tokens: Map<string, FakeToken>;
  readonly apps: Map<number, FakeApp>;
  nextId(): number;
  nowMs(): number;
}

/** What a route answers; lists are cut into pages by the server. */
export type Answer =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | { readonly list: readonly unknown[]; readonly under?: string; readonly beside?: Readonly<Record<string, unknown>> };
export interface Asked {
  readonly world: World;
  readonly token: FakeToken;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  /** Of this server, without a slash at its end. */
  readonly origin: string;
}

/** Ends the handling of a request with GitHub's own kind of error. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly errors: readonly Readonly<Record<string, string>>[] | undefined;
  constructor(status: number, message: string, errors?: readonly Readonly<Record<string, string>>[]) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}
export const textOf = (body: Readonly<Record<string, unknown>>, field: string): string => {
  const value = body[field];
  return typeof value === 'string' ? value : '';
};
const order: readonly Permission[] = ['none', 'read', 'write', 'admin'];
export const atLeast = (has: Permission, wanted: Permission): boolean => order.indexOf(has) >= order.indexOf(wanted);

export const isoOf = (world: World): string => new Date(world.nowMs()).toISOString().replace(/\.\d+Z$/, 'Z');
export const userView = (login: string): Readonly<Record<string, unknown>> => ({
  login,
  id: Array.from(login, (letter) => letter.charCodeAt(0)).reduce((sum, code) => sum + code, 1000),
  type: login.endsWith('[bot]') ? 'Bot' : 'User',
});
