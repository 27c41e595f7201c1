// Looks at every committed transaction and says which promise it breaks.
import type { Agent } from '../../../functions/contracts/agent.schema.ts';
import type { Bead } from '../../../functions/contracts/bead.schema.ts';
import type { TownEvent } from '../../../functions/contracts/event.schema.ts';
import { isLive } from '../../../functions/domain/agent-state.ts';
import { isConvoy, isIssue, isMergeRequest } from '../../../functions/domain/bead-writes.ts';
import { waitsOn } from '../../../functions/domain/edges.ts';
import { violationsOfBead } from '../../../functions/domain/invariants.ts';
import { isFinal } from '../../../functions/domain/transition.ts';
import type { Store, Write } from '../../../functions/ports.ts';
import { Caps } from './caps.ts';

export interface Limits {
  /** What holds from the start; towns and repositories that are written say what holds then. */
  readonly maxPolecatsPerRig: number;
  readonly maxAgents: number;
  readonly nowMs?: () => number;
  /** People are at work too: what is over may be archived, commented and followed, but not change in what it says. */
  readonly edited?: boolean;
}

const isSameEnd = (before: Bead, after: Bead): boolean =>
  before.status === after.status && before.closedAt === after.closedAt && before.failure?.message === after.failure?.message;

export class Watcher {
  readonly problems: string[] = [];
  readonly beads = new Map<string, Bead>();
  readonly agents = new Map<string, Agent>();
  dispatches = 0;
  /** What has happened, by the type of its event; imports and refusals of gates by name. */
  readonly happened = new Map<string, number>();
  merges = 0;
  private readonly pushes = new Map<string, string>();
  private readonly landings = new Map<string, number>();
  private readonly workers = new Map<string, number>();
  private readonly limits: Limits;
  private readonly nowMs: () => number;
  private readonly marks = new Set<string>();
  readonly caps: Caps;
  constructor(limits: Limits) {
    this.limits = limits;
    this.nowMs = limits.nowMs ?? (() => 0);
    this.caps = new Caps(limits, this.nowMs);
  }

  saw(writes: readonly Write[]): void {
    for (const write of writes) {
      if ('remove' in write && write.remove === 'bead') this.beads.delete(write.key.beadId);
      if ('remove' in write && write.remove === 'agent') this.sawRemoved(write.key.agentId);
      if ('remove' in write && write.remove === 'rig') this.caps.removedRig(write.key.rigId);
      if ('remove' in write && write.remove === 'once') this.marks.delete(write.key.mark);
      if (!('put' in write)) continue;
      if (write.put === 'bead') this.sawBead(write.item);
      if (write.put === 'agent') this.sawAgent(write.item);
      if (write.put === 'town') this.caps.sawTown(write.item);
      if (write.put === 'rig') this.caps.sawRig(write.item);
      if (write.put === 'once') this.sawMark(write.item.mark);
      if (write.put === 'event') this.count(write.item);
      if (write.put === 'event' && write.item.type === 'dispatched') this.dispatches += 1;
      if (write.put === 'event' && write.item.type === 'merged') this.merges += 1;
      if (write.put === 'event' && write.item.type === 'convoy_landed') this.sawLanding(write.item.beadId ?? '');
    }
    if (writes.some((write) => 'put' in write && write.put === 'agent')) this.checkHooks();
  }

  private count({ type, data }: TownEvent): void {
    const name =
      type === 'gate_result' ? `${type} ${JSON.stringify(data?.['result'])}` : data?.['import'] === undefined ? type : 'imported';
    this.happened.set(name, (this.happened.get(name) ?? 0) + 1);
  }

  /** A process has started to work: no other runtime may ever have worked in the same epoch. */
  begun(name: string, runtimeEpoch: number): void {
    const other = this.workers.get(name);
    if (other !== undefined && other !== runtimeEpoch) this.problems.push(`${name} works in the runtimes ${other} and ${runtimeEpoch}`);
    this.workers.set(name, runtimeEpoch);
  }

  get landed(): number {
    return [...this.landings.values()].reduce((sum, count) => sum + count, 0);
  }

  private sawLanding(convoyId: string): void {
    const count = (this.landings.get(convoyId) ?? 0) + 1;
    this.landings.set(convoyId, count);
    if (count > 1) this.problems.push(`convoy ${convoyId} landed ${count} times`);
  }

  private sawBead(bead: Bead): void {
    const before = this.beads.get(bead.beadId);
    if (before !== undefined && isFinal(before.status) && !(this.limits.edited === true && isSameEnd(before, bead)))
      this.problems.push(`${bead.beadId} was ${before.status} and was written again as ${bead.status}`);
    if (before !== undefined && bead.version !== before.version + 1)
      this.problems.push(`${bead.beadId} jumped from version ${before.version} to ${bead.version}`);
    this.beads.set(bead.beadId, bead);
  }

  /** Its epochs go on from there when it comes back. */
  private sawRemoved(agentId: string): void {
    const before = this.agents.get(agentId);
    if (before === undefined) return;
    const { hookBeadId: _hook, slot: _slot, ...rest } = before;
    this.agents.set(agentId, { ...rest, state: 'gone' });
  }

  private sawAgent(agent: Agent): void {
    const before = this.agents.get(agent.agentId);
    if (before !== undefined && agent.epoch < before.epoch)
      this.problems.push(`${agent.agentId} went back from epoch ${before.epoch} to ${agent.epoch}`);
    if (before !== undefined && agent.hookBeadId !== undefined && agent.hookBeadId !== before.hookBeadId && agent.epoch === before.epoch)
      this.problems.push(`${agent.agentId} got ${agent.hookBeadId} without a new epoch`);
    this.agents.set(agent.agentId, agent);
    this.checkPlaces(agent, before);
  }

  /** Numbers of written beads against their edges and members, as one transaction leaves them; and one push per target. */
  async checkNumbers(store: Pick<Store, 'get' | 'getMany' | 'dependenciesOf'>, writes: readonly Write[]): Promise<void> {
    for (const write of writes) {
      if (!('put' in write) || write.put !== 'bead') continue;
      const bead = write.item;
      this.checkPush(bead);
      if (bead.type !== 'issue' && bead.type !== 'convoy') continue;
      const { townId } = bead;
      const keys = isConvoy(bead) ? bead.details.memberIds.map((beadId) => ({ townId, beadId })) : [];
      const [edges, members] = [await store.dependenciesOf(townId, bead.beadId), await store.getMany('bead', keys)];
      // The edges of a batch come before its members; a request is settled by a rule of its own.
      const convoyId = isIssue(bead) ? bead.details.convoyId : bead.beadId;
      if (convoyId !== undefined && (await store.get('work', { townId, kind: 'batch', workId: convoyId })) !== undefined) continue;
      // A convoy that is to be counted again may be wrong until then.
      if (
        isConvoy(bead) &&
        !isFinal(bead.status) &&
        (await store.get('work', { townId, kind: 'convoy', workId: bead.beadId })) !== undefined
      )
        continue;
      // Another write came between: that one is looked at by itself.
      if ((await store.get('bead', bead))?.version !== bead.version) continue;
      const awaited = edges.filter(waitsOn).map(({ dependsOnId: beadId }) => ({ townId, beadId }));
      const others = (await store.getMany('bead', awaited)).flatMap((other) => other ?? []);
      const found = violationsOfBead({ bead, edges, members: members.flatMap((member) => member ?? []), others });
      for (const { invariant, sentence } of found)
        if (invariant !== 3) this.problems.push(`invariant ${invariant}, in one transaction: ${sentence}`);
    }
  }

  private checkPush(bead: Bead): void {
    if (!isMergeRequest(bead)) return;
    const target = `${bead.rigId ?? ''} ${bead.details.targetBranch}`;
    const isPushing = bead.status === 'in_progress' && bead.details.push !== undefined;
    const other = this.pushes.get(target);
    if (isPushing && other !== undefined && other !== bead.beadId)
      this.problems.push(`${other} and ${bead.beadId} are pushed to ${target} at once`);
    if (isPushing) this.pushes.set(target, bead.beadId);
    else if (other === bead.beadId) this.pushes.delete(target);
  }

  /** What a mark stands for is made once. */
  private sawMark(mark: string): void {
    if (this.marks.has(mark)) this.problems.push(`${mark} was made twice`);
    this.marks.add(mark);
  }

  /** Nobody takes a place above the caps as they are, whoever was there before they were lowered. */
  private checkPlaces(agent: Agent, before: Agent | undefined): void {
    if (agent.role !== 'polecat' || agent.slot === undefined || agent.slot === before?.slot) return;
    const holders = [...this.agents.values()].filter((each) => each.role === 'polecat' && each.slot !== undefined);
    const own = holders.filter(({ rigId }) => rigId === agent.rigId);
    const nowMs = this.nowMs();
    const [town, rig] = [this.caps.town.allowedAt(nowMs), this.caps.rig(agent.rigId ?? '').allowedAt(nowMs)];
    if (holders.length > town) this.problems.push(`${agent.agentId} took place ${holders.length} of the town, which allows ${town}`);
    if (own.length > rig) this.problems.push(`${agent.agentId} took place ${own.length} of ${agent.rigId ?? ''}, which allows ${rig}`);
  }

  /** One live agent per bead, and nobody above the caps. */
  private checkHooks(): void {
    const holders = new Map<string, string>();
    const perRig = new Map<string, number>();
    let polecats = 0;
    for (const agent of this.agents.values()) {
      if (!isLive(agent)) continue;
      if (agent.hookBeadId !== undefined) {
        const other = holders.get(agent.hookBeadId);
        if (other !== undefined) this.problems.push(`${agent.hookBeadId} is on the hooks of ${other} and ${agent.agentId}`);
        holders.set(agent.hookBeadId, agent.agentId);
      }
      if (agent.role !== 'polecat') continue;
      polecats += 1;
      perRig.set(agent.rigId ?? '', (perRig.get(agent.rigId ?? '') ?? 0) + 1);
    }
    if (polecats > this.caps.town.ever) this.problems.push(`${polecats} polecats, at most ${this.caps.town.ever} were ever allowed`);
    for (const [rigId, count] of perRig)
      if (count > this.caps.rig(rigId).ever)
        this.problems.push(`${count} polecats in ${rigId}, at most ${this.caps.rig(rigId).ever} were ever allowed`);
  }
}
