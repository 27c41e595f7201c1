import { describe, expect, it } from 'vitest';
import { anEscalation, anIssue, iso, nowMs, planOf, said, work } from '../../test/rules/build.ts';
import type { Write } from '../ports.ts';
import { writesOf } from './bead-writes.ts';
import { defaultEscalationSettings, raisedSeverity, routeOf, trackOf } from './escalations.ts';
import type { Severity } from './escalations.ts';

const moment = { nowMs, stamp: 's' };
const hours = (count: number): number => count * 3_600_000;
const written = (writes: readonly Write[]): string[] =>
  writes.flatMap((write) => {
    if (!('put' in write)) return [];
    if (write.put === 'work') return [`${write.item.kind} ${write.item.workId}`];
    return write.put === 'bead' ? [`${write.item.type} ${write.item.beadId}`] : [];
  });
const sentFor = (severity: Severity): string[] => written(writesOf([{ after: anEscalation('hq-esc1', { severity }) }], undefined, moment));

describe('routing by severity', () => {
  it('is cumulative: low is on record, medium reaches the Mayor, high people, critical every channel', () => {
    expect(routeOf('low')).toEqual({ mayor: false, people: 'nobody' });
    expect(routeOf('medium')).toEqual({ mayor: true, people: 'nobody' });
    expect(routeOf('high')).toEqual({ mayor: true, people: 'people' });
    expect(routeOf('critical')).toEqual({ mayor: true, people: 'everybody' });
  });
  it('is written with the escalation itself, whoever makes it', () => {
    expect(sentFor('low')).toEqual(['escalation hq-esc1', 'escalation hq-esc1']);
    expect(sentFor('medium')).toEqual(['escalation hq-esc1', 'escalation hq-esc1', 'message hq-esc1.m0', 'mail hq-esc1.m0']);
    const all = ['escalation hq-esc1', 'escalation hq-esc1', 'message hq-esc1.m0', 'mail hq-esc1.m0', 'notify hq-esc1#0'];
    expect(sentFor('high')).toEqual(all);
    expect(sentFor('critical')).toEqual(all);
  });
  it('mails the Mayor what happened, about what, and under the escalation’s thread', () => {
    const escalation = anEscalation('hq-esc1', { severity: 'high', category: 'failed', aboutBeadId: 'web-a001' });
    const mail = writesOf([{ after: escalation }], undefined, moment).flatMap((write) =>
      'put' in write && write.put === 'bead' && write.item.type === 'message' ? [write.item] : [],
    )[0];
    expect(mail).toMatchObject({
      title: `Escalation hq-esc1: ${escalation.title}`,
      requestedBy: 'ada',
      details: { to: 'role:mayor', from: 'patrol:B5', threadId: 'hq-esc1' },
    });
    expect(mail?.body).toContain('(high, failed) about web-a001');
  });
  it('does not wake the Mayor for what the town itself stands on', () => {
    const mail = writesOf([{ after: anEscalation('hq-esc1', { severity: 'high', category: 'lifecycle' }) }], undefined, moment).find(
      (write) => 'put' in write && write.put === 'bead' && write.item.type === 'message',
    );
    expect(mail).toMatchObject({ item: { details: { wakes: false } } });
  });
});

describe('H2, re-escalation (#221)', () => {
  it('goes one severity up, and stays at the top', () => {
    expect((['low', 'medium', 'high', 'critical'] as const).map(raisedSeverity)).toEqual(['medium', 'high', 'critical', 'critical']);
  });
  const scene = (escalation = anEscalation('hq-esc1', { aboutBeadId: 'web-a001' })) => ({
    work: [work('escalation', 'hq-esc1', { data: JSON.stringify(trackOf(escalation)), dueAtMs: nowMs + hours(4) })],
    beads: [anIssue('web-a001', { held: true })],
  });
  it('waits four hours for somebody to acknowledge it, and wakes up for it', () => {
    expect(planOf(scene(), nowMs + hours(4) - 1)).toEqual({ actions: [], wakeAtMs: expect.any(Number) });
    expect(planOf(scene()).wakeAtMs).toBe(nowMs + hours(4));
    expect(said(planOf(scene(), nowMs + hours(4)))).toEqual(['H2 raise-escalation hq-esc1']);
  });
  it('counts from the last time it was raised, and ends after the third', () => {
    const raised = anEscalation('hq-esc1', { rounds: 2, raisedAt: iso(hours(8)), aboutBeadId: 'web-a001' });
    expect(said(planOf(scene(raised), nowMs + hours(12) - 1))).toEqual([]);
    expect(said(planOf(scene(raised), nowMs + hours(12)))).toEqual(['H2 raise-escalation hq-esc1']);
    const last = anEscalation('hq-esc1', { rounds: defaultEscalationSettings.max, aboutBeadId: 'web-a001' });
    expect(said(planOf(scene(last), nowMs + hours(1000)))).toEqual([]);
  });
  it('closes by itself when what it is about came to a good end, or was taken up again', () => {
    const { work: items } = scene();
    const about = (more: object) => ({ work: items, beads: [anIssue('web-a001', more)] });
    expect(said(planOf(about({ status: 'closed' })))).toEqual(['H2 settle-escalation hq-esc1']);
    const failure = { code: 'x', message: 'no' };
    expect(said(planOf(about({ status: 'failed', failure, supersededBy: 'web-a002' })))).toEqual(['H2 settle-escalation hq-esc1']);
    expect(said(planOf(about({ status: 'failed', failure })))).toEqual([]);
  });
  it('tells people at once, and again when an entry of the outbox is due', () => {
    const entry = work('notify', 'hq-esc1#0');
    expect(said(planOf({ work: [entry] }))).toEqual(['H2 notify-people hq-esc1#0']);
    expect(planOf({ work: [{ ...entry, dueAtMs: nowMs + 30_000 }] })).toEqual({ actions: [], wakeAtMs: nowMs + 30_000 });
  });
});
