// Complete parts of an agent's session, stored in batches that are named by the runner so that a repeated one counts once.
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { partCharacters, wholePartSchema } from '../contracts/runner.schema.ts';
import type { RuntimeLease, SessionPart, WholePart, sessionPartsRequestSchema } from '../contracts/runner.schema.ts';
import type { SessionBatch } from '../contracts/work.schema.ts';
import { withinBudget } from '../domain/prompts/quote.ts';
import type { Ports } from '../ports.ts';
import { notFound } from '../api/problems.ts';
import { runtimeEpochOld } from './runtime-caller.ts';
import { isoNow } from './transact.ts';

/** Below DynamoDB's 400 KB per item, with room for keys and escapes. */
const batchBytes = 300 * 1024;
const { shown } = partCharacters;

const beginning = (part: WholePart, maxBytes: number): WholePart => ({
  ...part,
  ...(part.text === undefined ? {} : { text: withinBudget(part.text, Math.min(maxBytes, shown.text)) }),
  ...(part.tool === undefined
    ? {}
    : {
        tool: {
          ...part.tool,
          input: withinBudget(part.tool.input, Math.min(maxBytes, shown.tool)),
          output: withinBudget(part.tool.output, Math.min(maxBytes, shown.tool)),
        },
      }),
});

/** Parts of conversations of a town: `<agent>/<batch>-<seq>`; a batch's id is a ULID, so that its age is known. */
export const sessionsFolder = (townId: string): string => `towns/${townId}/sessions/`;
const pathOf = (townId: string, agentId: string, partId: string): string => `${sessionsFolder(townId)}${agentId}/${partId}.json`;

interface Kept {
  /** For the item. */
  readonly parts: readonly SessionPart[];
  /** For Files. */
  readonly files: readonly { readonly partId: string; readonly body: Uint8Array }[];
}
const keptWith = (parts: readonly WholePart[], batchId: string, maxBytes: number): Kept => {
  const files: { partId: string; body: Uint8Array }[] = [];
  const cut = parts.map((part): SessionPart => {
    const start = beginning(part, maxBytes);
    if (start.text === part.text && start.tool?.input === part.tool?.input && start.tool?.output === part.tool?.output) return part;
    const partId = `${batchId}-${part.seq}`;
    const body = new TextEncoder().encode(JSON.stringify(part));
    files.push({ partId, body });
    return { ...start, whole: { partId, bytes: body.byteLength, hash: createHash('sha256').update(body).digest('hex') } };
  });
  return { parts: cut, files };
};

/** Parts that fit one item; of those that are too long, and of more than fit together, the item has the beginnings. */
const keptOf = (parts: readonly WholePart[], batchId: string): Kept => {
  for (let maxBytes: number = shown.text; ; maxBytes = Math.floor(maxBytes / 2)) {
    const kept = keptWith(parts, batchId, maxBytes);
    if (Buffer.byteLength(JSON.stringify(kept.parts)) <= batchBytes || maxBytes < 100) return kept;
  }
};

/** One part as the runner sent it. Throws 404. */
export const wholePartOf = async (
  ports: Pick<Ports, 'files'>,
  { townId, agentId, partId }: { readonly townId: string; readonly agentId: string; readonly partId: string },
): Promise<WholePart> => {
  const body = await ports.files.get(pathOf(townId, agentId, partId));
  if (body === undefined)
    throw notFound(
      `There is no part ${partId} of ${agentId} in Files: it is short, and the list has all of it, or it was too old to be kept.`,
    );
  return wholePartSchema.parse(JSON.parse(new TextDecoder().decode(body)));
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
  const kept = keptOf(request.parts, request.batchId);
  // The files first, under names that a repetition uses again: the item never names what is not there.
  for (const { partId, body } of kept.files) await ports.files.put(pathOf(lease.townId, request.agentId, partId), body);
  const item: SessionBatch = {
    townId: lease.townId,
    agentId: request.agentId,
    epoch: request.epoch,
    batchId: request.batchId,
    parts: JSON.stringify(kept.parts),
    ...(request.beadId === undefined ? {} : { beadId: request.beadId }),
    at: isoNow(ports),
  };
  await ports.store.commit([{ put: 'sessionBatch', item, when: 'none' }]);
  return { ok: true };
};
