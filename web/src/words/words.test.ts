import { describe, expect, it } from 'vitest';
import { eventTypeSchema } from '../../../functions/contracts/event.schema.ts';
import type { TownEvent } from '../../../functions/contracts/event.schema.ts';
import { eventWords } from './events.ts';
import { ago, lasting } from './time.ts';

const event = (more: Partial<TownEvent>): TownEvent => ({
  townId: 't-4f9k2m1q',
  eventId: '01',
  type: 'comment',
  actor: 'agent:toast',
  data: {},
  at: '2026-11-21T10:00:00.000Z',
  ...more,
});
const text = (more: Partial<TownEvent>): string => {
  const words = eventWords(event(more), {
    userId: 'ada',
    titleOf: (beadId) => (beadId === 'shop-3kf9' ? 'Refuse empty passwords' : undefined),
  });
  return words.detail === undefined ? words.text : `${words.text} · ${words.detail}`;
};

describe('an event', () => {
  it('of every type reads as a sentence, even without its facts', () => {
    for (const type of eventTypeSchema.options) expect(text({ type }), type).toMatch(/^[A-Z][^_]+$/);
  });
  it('says who and what', () => {
    expect(text({ type: 'done', agentId: 'toast', data: { summary: 'Refuses empty passwords.' } })).toBe(
      'Toast handed it in · Refuses empty passwords.',
    );
    expect(text({ type: 'created', actor: 'user:ada', new: 'Fix it' })).toBe('You created a bead · Fix it');
    expect(text({ type: 'merged', data: { targetBranch: 'main', landedSha: '0123456789abcdef' } })).toBe('Merged into main · 01234567');
    expect(text({ type: 'gate_result', new: 'lint failed', data: { result: 'red' } })).toBe('A gate failed · lint failed');
    expect(text({ type: 'convoy_progress', data: { closed: 1, total: 3 } })).toBe('Convoy: 1 of 3 done');
    expect(text({ type: 'convoy_progress', new: 'landed', data: { landed: ['shop-3kf9'] } })).toBe('The work of the convoy landed');
    expect(text({ type: 'town_stopped', actor: 'user:ada', new: 'It pushed nonsense' })).toBe('You stopped the town · It pushed nonsense');
    expect(text({ type: 'status_changed', actor: 'user:ada', new: 'failed', data: { reason: 'Not needed.' } })).toBe(
      'You moved it to failed · Not needed.',
    );
  });
  it('tells a review from work', () => {
    expect(text({ type: 'hooked', agentId: 'refinery-r-8d2k1m0p' })).toBe('Being reviewed by the Refinery');
    expect(text({ type: 'hooked', agentId: 'refinery-r-8d2k1m0p', data: { gates: 2 } })).toBe(
      'Gates passed; being reviewed by the Refinery',
    );
    expect(text({ type: 'hooked', agentId: 'toast' })).toBe('Given to Toast');
    const refinery = { agentId: 'refinery-r-8d2k1m0p', actor: 'agent:refinery-r-8d2k1m0p' };
    expect(text({ ...refinery, type: 'review_submitted', new: 'approved' })).toBe('The Refinery approved it');
    expect(text({ ...refinery, type: 'review_completed', new: 'changes' })).toBe('The Refinery asked for changes');
    expect(text({ type: 'review_completed', actor: 'workflow:merge', new: 'queued' })).toBe('Waits for its turn to be merged');
  });
  it('names another bead by its title where that is known', () => {
    expect(text({ type: 'dependency_added', data: { dependsOnId: 'shop-3kf9' } })).toBe('Waits for “Refuse empty passwords”');
    expect(text({ type: 'dependency_added', data: { dependsOnId: 'shop-old1' } })).toBe('Waits for shop-old1');
    expect(text({ type: 'fields_updated', data: { unblockedBy: 'shop-3kf9', openBlockers: 0 } })).toBe(
      'No longer blocked · “Refuse empty passwords” is done',
    );
  });
});
describe('a time', () => {
  it('is relative, and never in the future for a clock that is a little ahead', () => {
    const nowMs = Date.UTC(2026, 10, 21, 12);
    expect([-3000, 0, 30_000, 300_000, 7_200_000, 172_800_000].map((gap) => ago(nowMs - gap, nowMs))).toEqual([
      'now',
      'now',
      '30 s ago',
      '5 min ago',
      '2 h ago',
      '2 d ago',
    ]);
  });
  it('that something took is short', () => {
    expect([840, 42_000, 185_000, 7_800_000].map(lasting)).toEqual(['0.8 s', '42 s', '3 min 5 s', '2 h 10 min']);
  });
});
