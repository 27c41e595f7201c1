// A simulated git host with the runner's merge commands on it: heads of branches, test merges, gates that are red or flaky, pushes by intention.
import { createHash } from 'node:crypto';
import type { CommandPayload, CommandResult } from '../../../functions/contracts/runner.schema.ts';
import type { Trouble } from './trouble.ts';

type Payload<K extends CommandPayload['kind']> = Extract<CommandPayload, { kind: K }>;
const shaOf = (...parts: readonly string[]): string => createHash('sha1').update(parts.join(' ')).digest('hex');
/** Of so many merged results one breaks the gates whenever they run. */
const badShare = 16;
const isBad = (sha: string): boolean => Number.parseInt(sha.slice(0, 8), 16) % badShare === 0;

export class SimulatedHost {
  /** By rig and branch: the commits on it, the head last. */
  private readonly targets = new Map<string, string[]>();
  /** The head that a test merge brings with it. */
  private readonly merged = new Map<string, string>();
  private readonly good = new Set<string>();
  private readonly trouble: Trouble;
  constructor(trouble: Trouble) {
    this.trouble = trouble;
  }

  private target(rigId: string, branch: string): string[] {
    const key = `${rigId} ${branch}`;
    const known = this.targets.get(key) ?? [shaOf('first', key)];
    if (!this.targets.has(key)) {
      this.targets.set(key, known);
      this.good.add(known[0] ?? '');
    }
    return known;
  }

  answer(payload: CommandPayload): CommandResult | undefined {
    if (payload.kind === 'prepare') return this.prepare(payload);
    if (payload.kind === 'gates') return this.gates(payload);
    return payload.kind === 'push' ? this.push(payload) : undefined;
  }

  private prepare({ rigId, branch, followBranch, headSha: wanted, targetBranch }: Payload<'prepare'>): CommandResult {
    const headSha = followBranch === true ? (this.target(rigId, branch).at(-1) ?? wanted) : wanted;
    const commits = this.target(rigId, targetBranch);
    const targetSha = commits.at(-1) ?? '';
    const nothing = { kind: 'prepare' as const, commits: [], conflictFiles: [] };
    if (commits.includes(headSha)) return { ...nothing, outcome: 'already-merged' };
    if (this.trouble.hits('branchGone')) return { ...nothing, outcome: 'source-missing' };
    if (this.trouble.hits('mergeConflict')) return { ...nothing, outcome: 'conflict', conflictFiles: ['src/a.ts'] };
    const tip = shaOf(targetSha, headSha);
    this.merged.set(tip, headSha);
    return { ...nothing, outcome: 'merged', targetSha, tip, ...(followBranch === true ? { headSha } : {}) };
  }

  private gates({ sha, gates }: Payload<'gates'>): CommandResult {
    const results = gates.map(({ name }) => {
      const ok = !(isBad(sha) && !this.good.has(sha)) && !this.trouble.hits('gateFlaky');
      return { name, ok, exitCode: ok ? 0 : 1, durationMs: 5, timedOut: false, output: ok ? 'good' : 'it fails' };
    });
    return { kind: 'gates', ok: results.every(({ ok }) => ok), results };
  }

  private push({ rigId, intent: { targetBranch, expectedOld, newTip } }: Payload<'push'>): CommandResult {
    const commits = this.target(rigId, targetBranch);
    // Somebody outside was faster.
    if (!commits.includes(newTip) && this.trouble.hits('targetMoved')) commits.push(shaOf('outside', newTip));
    const remoteHead = commits.at(-1) ?? '';
    if (commits.includes(newTip)) return { kind: 'push', outcome: 'already-there', remoteHead };
    if (remoteHead !== expectedOld) return { kind: 'push', outcome: 'moved', remoteHead };
    commits.push(this.merged.get(newTip) ?? newTip, newTip);
    // What is on the target is what everybody builds on: its gates are for people.
    this.good.add(newTip);
    return { kind: 'push', outcome: 'pushed', remoteHead: newTip };
  }

  /** How often a merge of this head is on the branch. */
  landings(rigId: string, branch: string, tip: string): number {
    return this.target(rigId, branch).filter((sha) => sha === tip).length;
  }
}
