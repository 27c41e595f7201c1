// History ends when it is as old as the town says, and everything that reads it goes on without it.
import { describe, expect, it } from 'vitest';
import { removalWrites } from '../../functions/domain/agent-writes.ts';
import { nightlyRounds } from '../../functions/operations/nightly.ts';
import { withRetention } from '../../functions/operations/retention.ts';
import { storeSessionParts } from '../../functions/operations/session-parts.ts';
import { reactToChanges } from '../../functions/stream/react.ts';
import { bodyOf } from '../api/call.ts';
import { fakePorts } from '../fakes/ports.ts';
import { aLease, anAgent } from '../tools/town.ts';
import { beadTown } from './bead-town.ts';
import type { BeadTown } from './bead-town.ts';

const dayMs = 86_400_000;
const retained = async () => {
  const ports = fakePorts();
  return beadTown({ ...ports, store: withRetention(ports.store, ports.clock) });
};
const night = (town: BeadTown) => nightlyRounds(town.ports, town.ports.clock.nowMs() + 1);
const says = (town: BeadTown, settings: object) =>
  town.call('updateConfig', { as: 'ada', params: { townId: town.townId }, body: settings });
const eventsIn = async (town: BeadTown) => (await town.ports.store.eventsOf(town.townId, {}, { limit: 100 })).items;
const talk = async (town: BeadTown, batchId: string, text: string): Promise<void> => {
  const agent = { ...anAgent(), townId: town.townId };
  await town.ports.store.commit([{ put: 'agent', item: agent, when: 'none' }]);
  const parts = [{ seq: 0, messageId: 'm', role: 'assistant' as const, kind: 'text' as const, text, atMs: 1 }];
  const request = { runtimeEpoch: 3, agentId: agent.agentId, epoch: agent.epoch, batchId, parts };
  await storeSessionParts(town.ports, aLease({ townId: town.townId }), request);
};

describe('history', () => {
  it('is written with the time at which the table deletes it, by the setting of that moment', async () => {
    const town = await retained();
    const built = (await eventsIn(town)).map((event) => (event.deleteAfterEpochSeconds ?? 0) - Date.parse(event.at) / 1000);
    expect(new Set(built)).toEqual(new Set([400 * 86_400]));
    expect((await says(town, { 'retention.eventsDays': 30 })).status).toBe(200);
    town.ports.clock.advance(6 * 60_000);
    await town.sling('Later');
    const last = (await eventsIn(town)).at(-1);
    expect((last?.deleteAfterEpochSeconds ?? 0) - Date.parse(last?.at ?? '') / 1000).toBe(30 * 86_400);
  });
  it('goes at night where it was written with a longer time: events, conversations, and their files', async () => {
    const town = await retained();
    await town.sling('Old');
    const batchId = town.ports.ids.ulid();
    await talk(town, batchId, 'x'.repeat(50_000));
    town.ports.clock.advance(40 * dayMs);
    const young = await town.sling('Young');
    expect(await night(town)).toMatchObject({ complete: true, towns: 1, removed: 0 });
    await says(town, { 'retention.eventsDays': 20, 'retention.transcriptsDays': 20 });
    town.ports.clock.advance(dayMs);
    expect((await night(town))?.removed).toBeGreaterThan(4);
    const left = await eventsIn(town);
    expect(left.filter((event) => Date.parse(event.at) < town.ports.clock.nowMs() - 23 * dayMs)).toEqual([]);
    expect(left[0]).toMatchObject({ type: 'created', beadId: young.beadId });
    expect((await town.ports.store.sessionBatches(town.townId, 'toast', {}, { limit: 9 })).items).toEqual([]);
    expect(await town.ports.files.list(`towns/${town.townId}/sessions/`)).toEqual([]);
  });
  it('goes at night also where its agent has left the town meanwhile', async () => {
    const town = await retained();
    await talk(town, town.ports.ids.ulid(), 'Said long ago.');
    const agent = await town.ports.store.get('agent', { townId: town.townId, agentId: 'toast' });
    if (agent === undefined) throw new Error('no agent');
    await town.ports.store.commit(removalWrites(agent, undefined, agent.updatedAt));
    town.ports.clock.advance(40 * dayMs);
    await says(town, { 'retention.transcriptsDays': 20 });
    await night(town);
    expect((await town.ports.store.sessionBatches(town.townId, 'toast', {}, { limit: 9 })).items).toEqual([]);
  });
  it('that is gone leaves timelines, exports and the audit at work, and wakes no pass', async () => {
    const town = await retained();
    const { beadId } = await town.sling('Old');
    await says(town, { 'retention.eventsDays': 1 });
    town.ports.clock.advance(10 * dayMs);
    const [first] = await eventsIn(town);
    expect((await night(town))?.removed).toBe(4);
    expect(bodyOf('beadEvents', await town.on('beadEvents', beadId)).items).toEqual([]);
    const feed = await town.ports.store.eventsOf(town.townId, { after: first?.eventId }, { limit: 10 });
    expect(feed.items).toEqual([]);
    await town.on('commentBead', beadId, { body: { text: 'Still here' } });
    expect(bodyOf('beadEvents', await town.on('beadEvents', beadId)).items).toHaveLength(1);
    expect(bodyOf('exportBeads', await town.call('exportBeads', { as: 'ada', params: { townId: town.townId } }))).toContain(beadId);
    town.ports.clock.advance(2 * dayMs);
    expect(await night(town)).toMatchObject({ complete: true, violations: 0 });
    if (first === undefined) throw new Error('no event');
    expect(reactToChanges([{ name: 'event', removed: true, item: first }])).toEqual({ towns: [], frames: [] });
  });
});
