// How many workers a simulated town allows at any moment, by what its town and its repositories say; computed apart from the product's own rules.
import type { Settings } from '../../../functions/contracts/settings.schema.ts';
import type { Rig, Town } from '../../../functions/contracts/town.schema.ts';

const builtIn = { perRig: 5, town: 12 } as const;
/** A pass that has read the old value may still act by it. */
const graceMs = 100;
const none = Number.POSITIVE_INFINITY;

export interface StartCaps {
  readonly maxPolecatsPerRig: number;
  readonly maxAgents: number;
}

/** The present value, those that ended just now, and the highest that ever was. */
class Cap {
  private value: number;
  private highest: number;
  private readonly ended: { readonly value: number; readonly atMs: number }[] = [];
  constructor(value: number) {
    this.value = value;
    this.highest = value;
  }
  set(value: number, nowMs: number): void {
    if (value === this.value) return;
    this.ended.push({ value: this.value, atMs: nowMs });
    this.value = value;
    this.highest = Math.max(this.highest, value);
  }
  allowedAt(nowMs: number): number {
    return this.ended.reduce((most, { value, atMs }) => (atMs + graceMs >= nowMs ? Math.max(most, value) : most), this.value);
  }
  get ever(): number {
    return this.highest;
  }
}

export class Caps {
  private readonly rigs = new Map<string, Settings | undefined>();
  private readonly perRig = new Map<string, Cap>();
  private readonly start: StartCaps;
  private settings: Settings | undefined;
  private readonly nowMs: () => number;
  readonly town: Cap;
  constructor(start: StartCaps, nowMs: () => number) {
    this.start = start;
    this.nowMs = nowMs;
    this.town = new Cap(start.maxAgents);
  }

  sawTown({ config }: Town): void {
    this.settings = config;
    this.town.set(config?.['limits.maxAgents'] ?? builtIn.town, this.nowMs());
    for (const rigId of this.rigs.keys()) this.rig(rigId).set(this.of(rigId), this.nowMs());
  }
  sawRig({ rigId, config }: Rig): void {
    this.rigs.set(rigId, config);
    this.rig(rigId).set(this.of(rigId), this.nowMs());
  }
  removedRig(rigId: string): void {
    this.rigs.delete(rigId);
  }
  rig(rigId: string): Cap {
    const known = this.perRig.get(rigId) ?? new Cap(this.of(rigId));
    this.perRig.set(rigId, known);
    return known;
  }
  get rigIds(): readonly string[] {
    return [...this.rigs.keys()];
  }
  private of(rigId: string): number {
    if (this.settings === undefined) return this.start.maxPolecatsPerRig;
    const own = this.rigs.get(rigId);
    const workers = own?.['limits.maxPolecatsPerRig'] ?? this.settings['limits.maxPolecatsPerRig'] ?? builtIn.perRig;
    return Math.min(workers, own?.['limits.maxAgents'] ?? none);
  }
}
