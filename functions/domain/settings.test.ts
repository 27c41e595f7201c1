import { assert, constantFrom, dictionary, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearKeys, settingKeys, settingScopes, settings, settingsPatchSchema, storedSettingsSchema } from '../contracts/settings.schema.ts';
import type { SettingScope, Settings } from '../contracts/settings.schema.ts';
import { effective, foundSetting } from './settings.ts';
import type { Scopes } from './settings.ts';

const attempts = (value: number): Settings => ({ 'limits.maxDispatchAttempts': value });

describe('what holds', () => {
  it('is what the narrowest scope says', () => {
    const anyScopes = dictionary(constantFrom(...settingScopes), integer({ min: 1, max: 50 }));
    assert(
      property(anyScopes, (said) => {
        const scopes: Scopes = Object.fromEntries(Object.entries(said).map(([scope, value]) => [scope, attempts(value)]));
        const allowed: readonly SettingScope[] = ['bead', 'rig', 'town'];
        const first = allowed.find((scope) => said[scope] !== undefined);
        expect(foundSetting('limits.maxDispatchAttempts', scopes)).toEqual(
          first === undefined ? { value: 5, from: 'built-in' } : { value: said[first], from: first },
        );
      }),
    );
  });
  it('is never taken from a scope that the setting does not have', () => {
    expect(
      effective('limits.maxDispatchAttempts', { persona: attempts(9), convoy: attempts(8), organisation: attempts(7), user: attempts(6) }),
    ).toBe(5);
  });
  it('takes a person before the town for who signs commits', () => {
    const scopes: Scopes = { user: { 'identity.authorName': 'Ada' }, town: { 'identity.authorName': 'The harbour' } };
    expect(foundSetting('identity.authorName', scopes)).toEqual({ value: 'Ada', from: 'user' });
  });
  it('is nothing when nobody says anything and nothing is built in', () => {
    expect(foundSetting('instructions.polecat', {})).toEqual({ value: undefined, from: 'built-in' });
  });
  it('is what was said, also when that is off, zero or empty', () => {
    expect(effective('merge.codeReview', { rig: { 'merge.codeReview': false } })).toBe(false);
    expect(effective('merge.maxReworkRounds', { rig: { 'merge.maxReworkRounds': 0 }, town: { 'merge.maxReworkRounds': 4 } })).toBe(0);
    expect(
      effective('gates', { persona: { gates: [] }, town: { gates: [{ name: 'a', command: 'a', timeoutSeconds: 1, phase: 'both' }] } }),
    ).toEqual([]);
  });
});

describe('a change of settings', () => {
  const patch = settingsPatchSchema('town');
  it('applies no defaults: what is absent stays absent (L76)', () => {
    expect(patch.parse({})).toEqual({});
    expect(patch.parse({ 'limits.maxAgents': 3 })).toEqual({ 'limits.maxAgents': 3 });
  });
  it('takes a value away with null', () => {
    expect(patch.parse({ 'limits.maxAgents': null })).toEqual({ 'limits.maxAgents': null });
  });
  it('names the settings near one that does not exist', () => {
    const message = patch.safeParse({ 'limits.maxAgent': 3 }).error?.issues[0]?.message;
    expect(message).toBe('there is no setting limits.maxAgent; near it: limits.maxAgents');
    expect(nearKeys('codeReview')[0]).toBe('merge.codeReview');
    expect(nearKeys('entirely different words')).toEqual([]);
  });
  it('names the scopes of a setting that does not have this one', () => {
    const message = settingsPatchSchema('rig').safeParse({ 'runtime.idleMinutes': 3 }).error?.issues[0]?.message;
    expect(message).toBe('runtime.idleMinutes cannot be set for a rig; it can for: town');
  });
  it('refuses a setting that nothing reads yet, with the reason (L103)', () => {
    const message = patch.safeParse({ 'retention.terminalDays': 3 }).error?.issues[0]?.message;
    expect(message).toBe('retention.terminalDays would have no effect: terminals are not recorded yet');
  });
});

describe('what is stored', () => {
  it('reads configurations of towns that are older than the table', () => {
    const old = {
      models: {
        default: { kind: 'scripted' },
        polecat: { kind: 'openai-compatible', baseUrl: 'http://x', model: 'm', keyRef: 'k', keyMask: '****' },
      },
      merge: { codeReview: false, maxReworkRounds: 2, maxConflictRounds: 3 },
      limits: { maxPolecatsPerRig: 5, maxAgents: 20, maxDispatchAttempts: 5 },
      instructions: { mayor: 'Be brief.' },
    };
    expect(storedSettingsSchema.parse(old)).toEqual({
      'models.default': { kind: 'scripted' },
      'models.polecat': old.models.polecat,
      'merge.codeReview': false,
      'merge.maxReworkRounds': 2,
      'merge.maxConflictRounds': 3,
      'limits.maxPolecatsPerRig': 5,
      'limits.maxAgents': 20,
      'limits.maxDispatchAttempts': 5,
      'instructions.mayor': 'Be brief.',
    });
  });
  it('drops settings that no longer exist', () => {
    expect(storedSettingsSchema.parse({ 'limits.bygone': 1 })).toEqual({});
  });
  it('takes every built-in value', () => {
    const wrong = settingKeys.filter(
      (key) => settings[key].default !== undefined && !settings[key].stored.safeParse(settings[key].default).success,
    );
    expect(wrong).toEqual([]);
  });
});
