// Sends complete session parts to the control plane, in order, in batches that keep their id when they are sent again.
import { ulid } from 'ulid';
import type { WholePart } from '../../../functions/contracts/runner.schema.ts';
import type { AgentState } from './agent-state.ts';

export interface Batch {
  readonly batchId: string;
  readonly parts: WholePart[];
}
export interface Transcript {
  /** Takes a part once; later calls with the same id are ignored. */
  add(partId: string, part: Omit<WholePart, 'seq'>): void;
  /** Sends what is waiting; on failure it stays. */
  flush(): Promise<void>;
}

const partsPerBatch = 50;
/** A longer part goes alone. */
const batchCharacters = 150_000;

export const createTranscript = (state: AgentState, epoch: number, send: (batch: Batch) => Promise<void>): Transcript => {
  if (state.value.seqEpoch !== epoch) state.save({ seqEpoch: epoch, nextSeq: 0 });
  const seen = new Set(state.value.sentParts);
  let waiting: { partId: string; part: Omit<WholePart, 'seq'> }[] = [];
  let current: { batch: Batch; partIds: string[] } | undefined;
  let running: Promise<void> | undefined;

  const next = (): typeof current => {
    let characters = 0;
    let count = 0;
    for (const { part } of waiting) {
      characters += (part.text?.length ?? 0) + (part.tool?.input.length ?? 0) + (part.tool?.output.length ?? 0);
      if (count > 0 && (characters > batchCharacters || count >= partsPerBatch)) break;
      count += 1;
    }
    if (count === 0) return undefined;
    const taken = waiting.slice(0, count);
    waiting = waiting.slice(count);
    const first = state.value.nextSeq;
    // Numbers are used up before they are sent: a repeat after a kill leaves a gap, never a number with two meanings.
    state.save({ nextSeq: first + count });
    return {
      batch: { batchId: ulid(), parts: taken.map(({ part }, index) => ({ seq: first + index, ...part })) },
      partIds: taken.map(({ partId }) => partId),
    };
  };

  const work = async (): Promise<void> => {
    for (;;) {
      current ??= next();
      if (current === undefined) return;
      await send(current.batch);
      state.save({ sentParts: [...state.value.sentParts, ...current.partIds] });
      current = undefined;
    }
  };
  return {
    add: (partId, part) => {
      if (seen.has(partId)) return;
      seen.add(partId);
      waiting.push({ partId, part });
    },
    flush: () => {
      running ??= work().finally(() => {
        running = undefined;
      });
      return running;
    },
  };
};
