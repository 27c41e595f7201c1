// Puts stored and live parts of a session in order, each once. Pure.
import type { SessionPart } from '../../../functions/contracts/runner.schema.ts';

export interface SessionLife {
  readonly epoch: number;
  readonly beadId?: string | undefined;
  readonly parts: readonly SessionPart[];
}
type Batch = { readonly epoch: number; readonly beadId?: string | undefined; readonly parts: readonly SessionPart[] };

/** A part that was stored complete replaces its live state; the newest of several wins. */
const once = (parts: readonly SessionPart[]): readonly SessionPart[] => {
  const bySeq = new Map<number, SessionPart>();
  for (const part of parts) {
    const known = bySeq.get(part.seq);
    if (known === undefined || known.atMs <= part.atMs) bySeq.set(part.seq, part);
  }
  return [...bySeq.values()].toSorted((left, right) => left.seq - right.seq);
};

/** Batches of one dispatch (epoch) together, oldest first; live parts belong to the newest one. */
export const livesOf = (batches: readonly Batch[], live: readonly SessionPart[]): readonly SessionLife[] => {
  const byEpoch = new Map<number, { epoch: number; beadId?: string | undefined; parts: SessionPart[] }>();
  for (const batch of batches) {
    const life = byEpoch.get(batch.epoch) ?? { epoch: batch.epoch, beadId: batch.beadId, parts: [] };
    life.parts.push(...batch.parts);
    byEpoch.set(batch.epoch, life);
  }
  const lives = [...byEpoch.values()].toSorted((left, right) => left.epoch - right.epoch);
  const newest = lives.at(-1) ?? { epoch: 0, parts: [] };
  const storedSeqs = new Set(newest.parts.map((part) => part.seq));
  const fresh = live.filter((part) => !storedSeqs.has(part.seq) || part.tool?.status !== 'running');
  if (lives.length === 0 && fresh.length > 0) lives.push(newest);
  newest.parts.push(...fresh.filter((part) => !storedSeqs.has(part.seq)));
  return lives.map((life) => ({ ...life, parts: once(life.parts) }));
};
