import { describe, expect, it } from 'vitest';
import { fakePorts } from '../../test/fakes/ports.ts';
import { aCommand, aLease, aMessage, aRequest, anAgent, anIssue, iso, townId, work } from '../../test/rules/build.ts';
import { newEvent } from '../domain/new-bead.ts';
import type { Write } from '../ports.ts';
import { reactToWrites, withHints } from './react.ts';
import type { Reaction } from './react.ts';

const review = { token: 't', tip: 'b'.repeat(40), refineryId: 'refinery-r-1', tokenTaken: false };
const bead: Write = { put: 'bead', item: anIssue('web-a001'), when: 'none' };

describe('what a write means', () => {
  it('hints the town once and names each topic once', () => {
    const event = newEvent(
      { townId, eventId: '01KAJ000000000000000000009', type: 'created', actor: 'user:ada', at: iso() },
      { beadId: 'web-a001' },
    );
    const reaction = reactToWrites([
      bead,
      { put: 'bead', item: aRequest('web-m001'), when: 'none' },
      { put: 'bead', item: anIssue('web-a002'), when: 'none' },
      { put: 'event', item: event, when: 'none' },
    ]);
    expect(reaction.towns).toEqual([townId]);
    expect(reaction.frames).toEqual([
      { townId, topic: 'beads', ids: ['web-a001', 'web-a002'] },
      { townId, topic: 'merges', ids: ['web-m001'] },
      { townId, topic: 'feed', ids: ['web-a001'], eventId: event.eventId },
    ]);
  });
  it.each<[string, Write]>([
    ['an agent', { put: 'agent', item: anAgent('toast'), when: 'none' }],
    ['a command that answers a person', { put: 'command', item: { ...aCommand('c-1'), token: undefined }, when: 'none' }],
    [
      'a review that waits for its verdict',
      { put: 'bead', item: aRequest('web-m001', { status: 'in_progress' }, { review }), when: 'none' },
    ],
    ['a question to the Mayor', { put: 'mayorMessage', item: aMessage(), when: 'none' }],
    ['a runtime that starts', { put: 'lease', item: aLease({ state: 'starting' }), when: 'none' }],
    ['a runtime that has come up', { put: 'lease', item: aLease({ reportSeq: 0 }), when: 'none' }],
    ['the end of a batch', { remove: 'work', key: work('batch', 'hq-c001'), when: 'none' }],
  ])('hints for %s', (_what, write) => {
    expect(reactToWrites([write]).towns).toEqual([townId]);
  });
  it.each<[string, Write]>([
    ['a heartbeat of the runner', { put: 'lease', item: aLease(), when: 'none' }],
    ['an alarm', { put: 'alarm', item: { townId, armedAtMs: 1, generation: 1, version: 1 }, when: 'none' }],
    ['a work item that was looked after', { put: 'work', item: work('merge', 'web-m001'), when: 'none' }],
    ['a slot', { remove: 'slot', key: { townId, slotId: 'r-1#1' }, when: 'none' }],
    ['a check', { check: 'bead', key: { townId, beadId: 'web-a001' }, when: { absent: true } }],
  ])('does not hint for %s', (_what, write) => {
    expect(reactToWrites([write])).toEqual({ towns: [], frames: [] });
  });
});

describe('a merge between two of its steps', () => {
  it('needs no pass, only the runner and those who watch are told', () => {
    const asked: Write = { put: 'command', item: aCommand('c-1'), when: 'none' };
    const request: Write = { put: 'bead', item: aRequest('web-m001', { status: 'in_progress' }), when: 'none' };
    expect(reactToWrites([asked, request])).toEqual({
      towns: [],
      frames: [
        { townId, topic: 'merges', ids: ['c-1', 'web-m001'] },
        { townId, topic: 'desired', ids: [''] },
      ],
    });
  });
});

describe('a store with hints', () => {
  it('tells after a commit, not after one that was refused, and does not fail with the listener', async () => {
    const told: Reaction[] = [];
    const store = withHints(fakePorts().store, async (reaction) => {
      told.push(reaction);
      throw new Error('nobody listens');
    });
    expect(await store.commit([{ put: 'bead', item: anIssue('web-a001'), when: { equals: { version: 7 } } }])).toEqual({
      ok: false,
      failed: [0],
    });
    expect(told).toEqual([]);
    expect(await store.commit([bead])).toEqual({ ok: true });
    expect(told.map((reaction) => reaction.towns)).toEqual([[townId]]);
  });
});
