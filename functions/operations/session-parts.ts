// Complete parts of an agent's session, stored in batches that are named by the runner so that a repeated one counts once.
import type { z } from 'zod';
import type { RuntimeLease, SessionPart, sessionPartsRequestSchema } from '../contracts/runner.schema.ts';
import type { SessionBatch } from '../contracts/work.schema.ts';
import { withinBudget } from '../domain/prompts/quote.ts';
import type { Ports } from '../ports.ts';
import { runtimeEpochOld } from './runtime-caller.ts';
import { isoNow } from './transact.ts';

/** Below DynamoDB's 400 KB per item, with room for keys and escapes. */
const batchBytes = 300 * 1024;

const shortened = (part: SessionPart, maxBytes: number): SessionPart => ({
  ...part,
  ...(part.text === undefined ? {} : { text: withinBudget(part.text, maxBytes) }),
  ...(part.tool === undefined
    ? {}
    : { tool: { ...part.tool, input: withinBudget(part.tool.input, maxBytes), output: withinBudget(part.tool.output, maxBytes) } }),
});

/** The parts as JSON within one item; long texts are cut until it fits. */
export const partsWithinItem = (parts: readonly SessionPart[]): string => {
  for (let maxBytes = 20_000; ; maxBytes = Math.floor(maxBytes / 2)) {
    const text = JSON.stringify(maxBytes === 20_000 ? parts : parts.map((part) => shortened(part, maxBytes)));
    if (Buffer.byteLength(text) <= batchBytes || maxBytes < 100) return text;
  }
};

/** Stores a batch. Parts of an agent that this town does not know, or of an epoch that it never had, are dropped without an error. */
export const storeSessionParts = async (
  ports: Ports,
  lease: RuntimeLease,
  request: z.infer<typeof sessionPartsRequestSchema>,
): Promise<{ ok: true }> => {
  if (request.runtimeEpoch !== lease.runtimeEpoch) throw runtimeEpochOld(lease.runtimeEpoch, request.runtimeEpoch);
  const agent = await ports.store.get('agent', { townId: lease.townId, agentId: request.agentId });
  if (agent === undefined || request.epoch > agent.epoch) return { ok: true };
  const item: SessionBatch = {
    townId: lease.townId,
    agentId: request.agentId,
    epoch: request.epoch,
    batchId: request.batchId,
    parts: partsWithinItem(request.parts),
    ...(request.beadId === undefined ? {} : { beadId: request.beadId }),
    at: isoNow(ports),
  };
  await ports.store.commit([{ put: 'sessionBatch', item, when: 'none' }]);
  return { ok: true };
};
