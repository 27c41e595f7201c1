// A town whose rig has pull requests on a host in memory, with one piece of work that was handed in and checked. Passes run until nothing is due.
import type { Bead } from '../../functions/contracts/bead.schema.ts';
import type { MergeRequestDetails } from '../../functions/contracts/merge-request.schema.ts';
import type { PullRequestWatch } from '../../functions/contracts/pull-request-watch.schema.ts';
import type { Settings } from '../../functions/contracts/settings.schema.ts';
import type { Rig, Town } from '../../functions/contracts/town.schema.ts';
import { isMergeRequest, writesOf } from '../../functions/domain/bead-writes.ts';
import { plan } from '../../functions/domain/plan/plan.ts';
import { applyAction } from '../../functions/reconcile/apply/apply.ts';
import { loadSnapshot } from '../../functions/reconcile/snapshot.ts';
import type { Ports, Store } from '../../functions/ports.ts';
import type { PullRequestHost } from '../../functions/pull-request-host.ts';
import { fakePorts } from '../fakes/ports.ts';
import type { FakePorts } from '../fakes/ports.ts';
import { memoryHost } from '../fakes/pull-request-host.ts';
import type { MemoryHost } from '../fakes/pull-request-host.ts';
import { aRequest, aRig, aTown, anIssue, nowMs, sha, townId } from '../rules/build.ts';

export const head = sha('a');
export const requestId = 'web-m001';
export const sourceId = 'web-src1';
export const branch = 'gt/toast/web-src1';
export const minute = 60_000;
export const hostRig = (settings: Settings = {}): Rig => ({
  ...aRig(),
  gitUrl: 'https://git.example/acme/web.git',
  config: settings,
  pullRequests: { host: 'github', repo: 'acme/web', login: 'gastown-bot' },
});
export const checked = (more: Partial<PullRequestWatch> = {}): PullRequestWatch => ({
  checkedSha: head,
  entries: [],
  feedbackRounds: 0,
  badPolls: 0,
  ...more,
});

export interface WorldOptions {
  readonly settings?: Settings;
  /** Of the town itself; without, nobody reviews and there are no gates. */
  readonly town?: Settings;
  readonly request?: Partial<MergeRequestDetails>;
  readonly source?: Bead;
  /** A host of another kind than the one in memory, and what the rig says of it. */
  readonly on?: { readonly host: PullRequestHost; readonly rig: Partial<Rig>; readonly head: string; readonly token: string };
}
/** Rules of this area, and those that let what it makes come to its end. */
const ours: readonly string[] = ['M1', 'M6', 'B3', 'B8', 'W1', 'A4'];

export const pullRequestWorld = async ({ settings = {}, town = {}, request = {}, source, on }: WorldOptions = {}) => {
  const ports: FakePorts = fakePorts();
  ports.clock.set(nowMs);
  const host: MemoryHost = memoryHost(ports.clock);
  const all: Ports = { ...ports, pullRequests: on?.host ?? host };
  const firstHead = on?.head ?? head;
  if (on !== undefined) await ports.secrets.put('token', JSON.stringify({ username: 'x', password: on.token }));
  host.push(branch, head);
  host.push('main', sha('0'));
  await ports.store.commit([
    {
      put: 'town',
      item: aTown({}, { config: { 'models.default': { kind: 'scripted' }, 'merge.codeReview': false, ...town } }),
      when: 'none',
    },
    { put: 'rig', item: { ...hostRig(settings), ...on?.rig }, when: 'none' },
    ...writesOf(
      [
        {
          after:
            source ??
            anIssue(
              sourceId,
              { status: 'in_review', assigneeAgentId: 'toast', title: 'Say hello', body: 'Say it.' },
              { latestMergeRequestId: requestId, branch, doneSummary: 'It says hello now.' },
            ),
        },
        {
          after: aRequest(
            requestId,
            { title: 'Say hello' },
            { stage: 'pr_open', headSha: firstHead, pullRequest: checked({ checkedSha: firstHead }), ...request },
          ),
        },
      ],
      undefined,
      { nowMs, stamp: 's' },
    ),
  ]);
  const bead = async (beadId: string): Promise<Bead> => {
    const found = await ports.store.get('bead', { townId, beadId });
    if (found === undefined) throw new Error(`no bead ${beadId}`);
    return found;
  };
  const requestOf = async (): Promise<Bead & { details: MergeRequestDetails }> => {
    const found = await bead(requestId);
    if (!isMergeRequest(found)) throw new Error('no request');
    return found;
  };
  const watch = async (): Promise<PullRequestWatch> => {
    const { pullRequest } = (await requestOf()).details;
    if (pullRequest === undefined) throw new Error('it has no pull request');
    return pullRequest;
  };
  /** Passes at this moment until nothing of ours is due. Answers what was done. */
  const pass = async (through: Ports = all): Promise<string[]> => {
    const did: string[] = [];
    for (let number = 0; number < 40; number += 1) {
      const snapshot = await loadSnapshot(through, townId);
      if (snapshot === undefined) throw new Error('no town');
      const actions = plan(snapshot, ports.clock.nowMs(), ports.deployment.timings).actions.filter(({ rule }) => ours.includes(rule));
      if (actions.length === 0) return did;
      for (const action of actions) {
        did.push(`${action.rule} ${action.kind}`);
        await applyAction({ ports: through, townId }, action);
      }
    }
    throw new Error(`40 passes were not enough: ${did.slice(-6).join(', ')}`);
  };
  /** Time goes by, with a pass at the end of it. */
  const later = async (ms: number): Promise<string[]> => {
    ports.clock.advance(ms);
    return pass();
  };
  /** When the request is looked at next, in ms from now. */
  const nextLook = async (): Promise<number | undefined> => {
    const item = await ports.store.get('work', { townId, kind: 'merge', workId: requestId });
    return item === undefined ? undefined : item.dueAtMs - ports.clock.nowMs();
  };
  const beadsOfKind = async (kind: 'feedback' | 'conflict') =>
    (await ports.store.everyBead(townId, { limit: 100 })).items.filter(
      (each) => each.details.type === 'issue' && each.details.kind === kind,
    );
  const escalations = async () => (await ports.store.everyBead(townId, { limit: 100 })).items.filter((each) => each.type === 'escalation');
  const events = async () => (await ports.store.eventsOf(townId, {}, { limit: 100 })).items;
  /** A bead of ours is finished by an agent, with a push where a commit is given. */
  const finish = async (beadId: string, summary: string, pushed?: string): Promise<void> => {
    const before = await bead(beadId);
    if (before.details.type !== 'issue') throw new Error('no issue');
    if (pushed !== undefined) host.push(branch, pushed);
    const at = new Date(ports.clock.nowMs()).toISOString();
    const after: Bead = {
      ...before,
      status: 'closed',
      closedAt: at,
      updatedAt: at,
      version: before.version + 1,
      details: { ...before.details, doneSummary: summary },
    };
    await ports.store.commit(writesOf([{ before, after }], undefined, { nowMs: ports.clock.nowMs(), stamp: `f-${beadId}` }));
  };
  const put = async (rig: Rig): Promise<void> => {
    await ports.store.commit([{ put: 'rig', item: rig, when: 'none' }]);
  };
  /** The town's organisation says something. */
  const organisation = async (says: Settings): Promise<void> => {
    const before = await ports.store.get('town', { townId });
    if (before === undefined) throw new Error('no town');
    const after: Town = { ...before, inherited: { organisation: says, people: {} } };
    await ports.store.commit([{ put: 'town', item: after, when: 'none' }]);
  };
  return {
    ports: all,
    clock: ports.clock,
    host,
    bead,
    requestOf,
    watch,
    pass,
    later,
    nextLook,
    beadsOfKind,
    escalations,
    events,
    finish,
    put,
    organisation,
  };
};
export type PullRequestWorld = Awaited<ReturnType<typeof pullRequestWorld>>;

/** Killed: nothing of what comes after is done. */
export class Killed extends Error {
  override readonly name = 'Killed';
}
/** Ports of a process that is killed at its n-th write or outside call, before it or right after it. */
export const mortal = (
  ports: Ports,
  host: MemoryHost,
  at: number,
  when: 'before' | 'after',
): { readonly ports: Ports; readonly steps: () => number } => {
  let steps = 0;
  const step = async <T>(act: () => Promise<T>): Promise<T> => {
    steps += 1;
    if (steps > at) throw new Killed('the process is gone');
    if (steps === at && when === 'before') throw new Killed('killed before a step');
    const answer = await act();
    if (steps === at) throw new Killed('killed after a step');
    return answer;
  };
  const store: Store = { ...ports.store, commit: (writes) => step(() => ports.store.commit(writes)) };
  const pullRequests: PullRequestHost = {
    ...host,
    open: (...given) => step(() => host.open(...given)),
    merge: (...given) => step(() => host.merge(...given)),
    review: (...given) => step(() => host.review(...given)),
    replyAndResolve: (...given) => step(() => host.replyAndResolve(...given)),
    facts: (...given) => step(() => host.facts(...given)),
  };
  return { ports: { ...ports, store, pullRequests }, steps: () => steps };
};
