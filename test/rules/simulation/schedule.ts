// Simulated time: what happens when. Events that fall close together run at once and interleave.
import type { FakeClock } from '../../fakes/ports.ts';

type Run = () => Promise<void> | void;
interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly run: Run;
}
/** Events within so many ms of the earliest run side by side, up to so many. */
const togetherMs = 40;
const togetherMost = 4;

export class Schedule {
  private readonly heap: Entry[] = [];
  private count = 0;
  private readonly clock: FakeClock;
  constructor(clock: FakeClock) {
    this.clock = clock;
  }

  nowMs(): number {
    return this.clock.nowMs();
  }

  after(delayMs: number, run: Run): void {
    this.at(this.clock.nowMs() + delayMs, run);
  }

  at(atMs: number, run: Run): void {
    this.count += 1;
    this.heap.push({ atMs: Math.max(atMs, this.clock.nowMs()), order: this.count, run });
    for (let child = this.heap.length - 1; child > 0;) {
      const parent = (child - 1) >> 1;
      if (!this.before(child, parent)) break;
      this.swap(child, parent);
      child = parent;
    }
  }

  /** Runs the next events. False when there are none. */
  async step(): Promise<boolean> {
    const first = this.pop();
    if (first === undefined) return false;
    this.clock.set(first.atMs);
    const batch = [first];
    while (batch.length < togetherMost && (this.heap[0]?.atMs ?? Number.POSITIVE_INFINITY) - first.atMs <= togetherMs) {
      const next = this.pop();
      if (next !== undefined) batch.push(next);
    }
    await Promise.all(batch.map(async (entry) => entry.run()));
    return true;
  }

  private pop(): Entry | undefined {
    const first = this.heap[0];
    const last = this.heap.pop();
    if (first === undefined || last === undefined || this.heap.length === 0) return first;
    this.heap[0] = last;
    for (let parent = 0; ;) {
      const left = parent * 2 + 1;
      const child = left + 1 < this.heap.length && this.before(left + 1, left) ? left + 1 : left;
      if (child >= this.heap.length || !this.before(child, parent)) return first;
      this.swap(child, parent);
      parent = child;
    }
  }

  private before(one: number, other: number): boolean {
    const [left, right] = [this.heap[one], this.heap[other]];
    if (left === undefined || right === undefined) return false;
    return left.atMs === right.atMs ? left.order < right.order : left.atMs < right.atMs;
  }

  private swap(one: number, other: number): void {
    const [left, right] = [this.heap[one], this.heap[other]];
    if (left === undefined || right === undefined) return;
    this.heap[one] = right;
    this.heap[other] = left;
  }
}
