import { describe, expect, it } from 'vitest';
import { aTown, anEscalation, anIssue, nowMs, planOf, said, work } from '../../test/rules/build.ts';
import { settingsPatchSchema } from '../contracts/settings.schema.ts';
import type { Settings } from '../contracts/settings.schema.ts';
import type { StoredChannels } from '../contracts/settings/notify.ts';
import { trackOf } from './escalations.ts';
import { channelsFor, notificationOf, notifyChannels } from './notifications.ts';
import { changedSettings, maskedSettings, secretRefsOf } from './secret-settings.ts';

const channels: StoredChannels = [
  { kind: 'ui' },
  { kind: 'email', only: 'critical' },
  { kind: 'webhook', url: 'https://hooks.example.com/town', secretRef: 'notify/2', secretMask: '****abcd' },
  { kind: 'slack', urlRef: 'notify/3', urlMask: '****wxyz' },
];
const told = (severity: 'low' | 'medium' | 'high' | 'critical') =>
  channelsFor(anEscalation('hq-esc1', { severity }), channels).map(({ name }) => name);
const townSaying = (config: Settings) => {
  const town = aTown();
  return { ...town, config: { ...town.config, ...config } };
};

describe('the channels of an escalation', () => {
  it('are those for people when it is high, and every one when it is critical', () => {
    expect([told('low'), told('medium')]).toEqual([[], []]);
    expect(told('high')).toEqual(['ui-0', 'webhook-2', 'slack-3']);
    expect(told('critical')).toEqual(['ui-0', 'email-1', 'webhook-2', 'slack-3']);
  });
  it('are the town’s setting, the town’s own pages when it says nothing', () => {
    expect(notifyChannels(aTown())).toEqual([{ kind: 'ui' }]);
    expect(notifyChannels(townSaying({ 'notify.channels': channels }))).toEqual(channels);
  });
  it('get one id for each channel and round, the same at every try', () => {
    const escalation = anEscalation('hq-esc1', { severity: 'high', rounds: 2, aboutBeadId: 'web-a001' });
    expect(notificationOf(aTown(), escalation, 'slack-3')).toMatchObject({
      id: 't-4f9k2m1q.hq-esc1.2.slack-3',
      round: 2,
      aboutBeadId: 'web-a001',
    });
  });
});

describe('settings of escalations', () => {
  const scene = (config: Settings, rounds = 0) => {
    const data = JSON.stringify(trackOf(anEscalation('hq-esc1', { rounds })));
    return { town: townSaying(config), work: [work('escalation', 'hq-esc1', { data })], beads: [anIssue('web-a001')] };
  };
  it('say after how many hours they are raised', () => {
    const oneHour = scene({ 'escalation.reescalateHours': 1 });
    expect(planOf(oneHour).wakeAtMs).toBe(nowMs + 3_600_000);
    expect(said(planOf(oneHour, nowMs + 3_600_000))).toEqual(['H2 raise-escalation hq-esc1']);
  });
  it('say how often', () => {
    const late = nowMs + 100 * 3_600_000;
    expect(said(planOf(scene({ 'escalation.max': 1 }, 1), late))).toEqual([]);
    expect(said(planOf(scene({ 'escalation.max': 5 }, 3), late))).toEqual(['H2 raise-escalation hq-esc1']);
  });
});

describe('the secrets of channels', () => {
  const given = [
    { kind: 'webhook', url: 'https://hooks.example.com/town', secret: 'whsec-0123456789abcd' },
    { kind: 'slack', url: 'https://hooks.slack.com/services/T0/B0/wxyz', only: 'critical' },
  ] as const;
  const change = (before: Settings, value: readonly object[]) => {
    const patch = settingsPatchSchema('town').parse({ 'notify.channels': value });
    return changedSettings(before, patch, (part) => `t/${part}`);
  };
  it('are kept apart and read as masks', () => {
    const changed = change({}, given);
    if (!changed.ok) throw new Error(changed.message);
    expect(changed.fresh).toEqual([
      { ref: 't/notify/0', value: 'whsec-0123456789abcd' },
      { ref: 't/notify/1', value: 'https://hooks.slack.com/services/T0/B0/wxyz' },
    ]);
    expect(JSON.stringify(changed.settings)).not.toMatch(/whsec|services/);
    expect([...secretRefsOf(changed.settings)]).toEqual(['t/notify/0', 't/notify/1']);
    expect(maskedSettings(changed.settings)['notify.channels']).toEqual([
      { kind: 'webhook', url: 'https://hooks.example.com/town', secret: '****abcd' },
      { kind: 'slack', url: '****wxyz', only: 'critical' },
    ]);
  });
  it('stay when a mask is sent back, and only for the channel that they were given for', () => {
    const first = change({}, given);
    if (!first.ok) throw new Error(first.message);
    const masks = [
      { kind: 'slack', url: '****wxyz' },
      { kind: 'webhook', url: 'https://hooks.example.com/town', secret: '****abcd' },
    ];
    expect(change(first.settings, masks)).toMatchObject({ ok: true, fresh: [] });
    expect(change(first.settings, [{ kind: 'webhook', url: 'https://elsewhere.example.com/', secret: '****abcd' }])).toMatchObject({
      ok: false,
    });
  });
});
