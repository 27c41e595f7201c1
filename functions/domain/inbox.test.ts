import { describe, expect, it } from 'vitest';
import { aMail, anAgent, iso, nowMs, planOf, said, work } from '../../test/rules/build.ts';
import { inboxDigest, isUnread, pushedMail, restSentence } from './inbox.ts';
import type { MessageBead } from './inbox.ts';
import { mailLifeMs } from './plan/mail.ts';

const letter = (number: number, body = 'Short.'): MessageBead => {
  const mail = { ...aMail(`hq-m${String(number).padStart(3, '0')}`, 'toast', { body }), createdAt: iso(number * 1000) };
  if (!isUnread(mail)) throw new Error('not a letter');
  return mail;
};
const letters = (count: number, body?: string): MessageBead[] => Array.from({ length: count }, (_, index) => letter(index + 1, body));
const bytes = (text: string): number => new TextEncoder().encode(text).length;

describe('what is put before a model at once (L91: unread mail filled the context)', () => {
  it('is at most 20 messages, the oldest, and the rest is a count', () => {
    const { shown, left } = inboxDigest(letters(27).toReversed());
    expect(shown.map((mail) => mail.beadId)).toEqual(letters(20).map((mail) => mail.beadId));
    expect(left).toBe(7);
    expect(restSentence(left)).toBe('7 more messages wait; gt_mail_check reads the next ones.');
    expect(restSentence(1)).toBe('1 more message waits; gt_mail_check reads the next ones.');
    expect(restSentence(0)).toBe('');
  });
  it('is at most 32 KB, counted in bytes', () => {
    const { shown, left } = inboxDigest(letters(5, 'é'.repeat(5 * 1024)));
    expect(shown).toHaveLength(3);
    expect(left).toBe(2);
    expect(shown.reduce((sum, mail) => sum + bytes(mail.title) + bytes(mail.body), 0)).toBeLessThanOrEqual(32 * 1024);
  });
  it('is one letter in any case, cut when it is too long alone', () => {
    const { shown, left } = inboxDigest([letter(1, 'x'.repeat(100_000)), letter(2)]);
    expect(left).toBe(1);
    expect(bytes(shown[0]?.body ?? '')).toBeLessThanOrEqual(32 * 1024);
    expect(shown[0]?.body).toContain('[cut:');
  });
});

describe('mail of a role', () => {
  const toRole = { ...letter(1), details: { ...letter(1).details, to: 'role:polecat' } };
  it('is put into one session only, and a queue into none', () => {
    const toast = anAgent('toast', { state: 'working' });
    const birch = anAgent('birch', { state: 'working' });
    const idle = anAgent('ash', { state: 'idle' });
    const agents = [toast, birch, idle];
    expect(pushedMail([toRole], birch, agents)).toEqual([toRole]);
    expect(pushedMail([toRole], toast, agents)).toEqual([]);
    expect(pushedMail([{ ...toRole, details: { ...toRole.details, to: 'queue:polecat' } }], birch, agents)).toEqual([]);
  });
});

describe('H1 and H3', () => {
  const waiting = (to: string, more = {}) => ({ work: [work('mail', 'hq-m001')], beads: [aMail('hq-m001', to, more)] });
  it('close mail to a person, which is delivered as soon as it is written', () => {
    expect(said(planOf(waiting('user:ada')))).toEqual(['H1 close-mail hq-m001']);
  });
  it('let mail wait for a week, wake up for its end, and expire it then', () => {
    const left = planOf(waiting('toast'));
    expect([said(left), left.wakeAtMs]).toEqual([[], nowMs + mailLifeMs]);
    expect(said(planOf(waiting('toast'), nowMs + mailLifeMs))).toEqual(['H3 expire-mail hq-m001']);
  });
  it('drop a nudge whose time is over', () => {
    const nudge = work('nudge', '01NUDGE', { dueAtMs: nowMs + 60_000 });
    expect(planOf({ work: [nudge] })).toEqual({ actions: [], wakeAtMs: nowMs + 60_000 });
    expect(said(planOf({ work: [nudge] }, nowMs + 60_000))).toEqual(['H3 expire-nudge 01NUDGE']);
  });
});
