// What the runner remembers of an agent between its own lives: sessions by bead or thread, and how far the transcript was sent.
import { join } from 'node:path';
import { z } from 'zod';
import { readState, writeState } from '../state-file.ts';

const stateSchema = z.object({
  /** Key `bead:<id>` or `thread:<user>` → opencode session. */
  sessions: z.record(z.string(), z.string()),
  seqEpoch: z.int(),
  nextSeq: z.int(),
  /** Ids of the newest parts that were sent, so that a resumed session is not sent again. */
  sentParts: z.array(z.string()),
});
export type RememberedAgent = z.infer<typeof stateSchema>;

export interface AgentState {
  readonly value: RememberedAgent;
  save(next: Partial<RememberedAgent>): void;
}

const sentPartsKept = 2000;

export const openAgentState = (own: string, agentId: string): AgentState => {
  const path = join(own, 'agents', `${agentId}.json`);
  let value: RememberedAgent = readState(path, stateSchema) ?? { sessions: {}, seqEpoch: 0, nextSeq: 0, sentParts: [] };
  return {
    get value() {
      return value;
    },
    save: (next) => {
      value = { ...value, ...next, sentParts: (next.sentParts ?? value.sentParts).slice(-sentPartsKept) };
      writeState(path, value);
    },
  };
};
