// One real-looking item of each kind for the store tests, with overrides.
import type { Items } from '../../functions/ports.ts';

const at = '2026-11-21T10:00:00.000Z';
const sha = 'a3f5c1d2e4b6978812345678901234567890abcd';
/** A ULID whose last characters are the number. */
export const ulidOf = (count: number): string => `01KAJ0000000000000000${String(count).padStart(5, '0')}`;

export const sampleItems = (townId: string): Items => ({
  town: {
    townId, name: 'Harbour', ownerId: 'ada', eventMonths: ['202611'], version: 1, createdAt: at, updatedAt: at,
    config: {
      models: { default: { kind: 'scripted' } }, merge: { codeReview: true, maxReworkRounds: 3, maxConflictRounds: 3 },
      limits: { maxPolecatsPerRig: 5, maxAgents: 20, maxDispatchAttempts: 5 }, instructions: { polecat: 'Run the tests before you say done.' },
    },
  },
  rig: { townId, rigId: 'r-8d2k1m0p', name: 'web', gitUrl: 'https://example.com/web.git', defaultBranch: 'main', prefix: 'web', gates: [{ name: 'test', command: 'npm test', timeoutSeconds: 600, phase: 'both' }], version: 1, createdAt: at, updatedAt: at },
  bead: {
    townId, beadId: 'web-3kf9', type: 'issue', status: 'open', title: 'Add a dark mode', body: 'Both themes, saved per person.', rigId: 'r-8d2k1m0p', priority: 'medium',
    labels: ['ui'], metadata: { Ticket: 'ABC-1', nested: { list: [1, 'two', null, true] } }, requestedBy: 'ada', createdBy: 'user:ada', dispatchAttempts: 0, openBlockers: 0, held: false, version: 1,
    createdAt: at, updatedAt: at, details: { type: 'issue', issueType: 'feature', kind: 'work', commits: [{ sha, message: 'Add dark mode', authorName: 'Toast', authorEmail: 'toast@example.com', committerName: 'Ada', at }] },
  },
  dependency: { townId, beadId: 'web-3kf9', dependsOnId: 'web-1aaa', type: 'blocks', resolved: false, createdAt: at },
  event: { townId, eventId: ulidOf(1), type: 'created', beadId: 'web-3kf9', agentId: 'toast', actor: 'user:ada', data: { title: 'Add a dark mode' }, at },
  work: { townId, kind: 'flight', workId: 'web-3kf9', dueAtMs: 1_795_255_200_000, stamp: ulidOf(2) },
  ready: { townId, rigId: 'r-8d2k1m0p', queue: '-', order: `2#${at}#web-3kf9`, beadId: 'web-3kf9', notBeforeMs: 0 },
  slot: { townId, slotId: 'r-8d2k1m0p#1', holder: 'toast', claimedAt: at },
  once: { townId, mark: 'conflict#web-9mrg#1', createdAt: at, deleteAfterEpochSeconds: 1_800_000_000 },
  idempotency: { scope: townId, key: 'Key-1', requestHash: 'f00d', status: 201, response: '{"beadId":"web-3kf9"}', deleteAfterEpochSeconds: 1_800_000_000 },
  train: { townId, rigId: 'r-8d2k1m0p', targetBranch: 'convoy/Theme/x/head', run: 1, queued: [{ mergeRequestId: 'web-9mrg', at }], version: 1, updatedAt: at },
  alarm: { townId, armedAtMs: 1_795_255_200_000, generation: 3, version: 4 },
  agent: { townId, agentId: 'toast', name: 'Toast', role: 'polecat', rigId: 'r-8d2k1m0p', state: 'working', hookBeadId: 'web-3kf9', epoch: 2, slot: 'r-8d2k1m0p#1', version: 7, createdAt: at, updatedAt: at },
  report: { townId, agentId: 'toast', runtimeEpoch: 1, reportSeq: 12, receivedAtMs: 1_795_255_200_000, observed: { agentId: 'toast', epoch: 2, state: 'working', activeTools: ['bash'], deliveredPromptIds: ['start-web-3kf9-2'] } },
  lease: { townId, state: 'live', runtimeEpoch: 1, reportSeq: 12, startFailures: 0, version: 3, updatedAt: at },
  command: { townId, commandId: `${townId}-mr-web-9mrg-1-prepare`, state: 'queued', deadlineAtMs: 1_795_255_800_000, tokenTaken: false, token: 'token', version: 1, createdAt: at, updatedAt: at, payload: { kind: 'check-rig', rigId: 'r-8d2k1m0p' } },
  mayorMessage: { townId, userId: 'ada', messageId: ulidOf(3), role: 'user', text: 'Please add a dark mode.', state: 'queued', at, version: 1 },
  connection: { connectionId: `Conn=${townId}`, kind: 'user', userId: 'ada', townId, topics: ['feed'], deleteAfterEpochSeconds: 1_800_000_000 },
  ticket: { ticketId: `ticket-of-${townId}-0001`, kind: 'user', userId: 'ada', expiresAtMs: 1_795_255_230_000, deleteAfterEpochSeconds: 1_795_255_300 },
  sessionBatch: { townId, agentId: 'toast', epoch: 2, batchId: ulidOf(4), parts: '[]', beadId: 'web-3kf9', at },
  usage: { townId, day: '20261121', callId: 'call-1', agentId: 'toast', model: 'scripted', inputTokens: 100, outputTokens: 20, cacheReadTokens: 0, durationMs: 300, at },
});
