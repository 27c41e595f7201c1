import { describe, expect, it } from 'vitest';
import type { Settings, SettingsPatch } from '../contracts/settings.schema.ts';
import { changedSettings, maskedSettings, routeWithKey, secretRefsOf } from './secret-settings.ts';

const provider = { kind: 'opencode-provider', provider: 'anthropic', model: 'claude' } as const;
const kept = { ...provider, keyRef: 'towns/t-1/models/default-old', keyMask: '****5678' };
const token = { name: 'NPM_TOKEN', secret: true, valueRef: 'towns/t-1/env/NPM_TOKEN-old', valueMask: '****abcd' } as const;
const nameOf = (part: string): string => `towns/t-1/${part}-new`;
const stored: Settings = { 'models.default': kept, env: [token] };
const changed = (patch: SettingsPatch) => changedSettings(stored, patch, nameOf);

describe('a change with keys of models', () => {
  it('names a secret for each new key and hands the key out beside it', () => {
    expect(
      changed({ 'models.mayor': { ...provider, apiKey: 'sk-ant-0123456789' }, 'models.polecat': { ...provider, apiKey: 'short' } }),
    ).toMatchObject({
      ok: true,
      settings: {
        'models.default': kept,
        'models.mayor': { ...provider, keyRef: nameOf('models/mayor'), keyMask: '****6789' },
        'models.polecat': { ...provider, keyRef: nameOf('models/polecat'), keyMask: '****' },
      },
      fresh: [
        { ref: nameOf('models/mayor'), value: 'sk-ant-0123456789' },
        { ref: nameOf('models/polecat'), value: 'short' },
      ],
    });
  });
  it('lets a role share the key of the default by its mask, for the same provider only', () => {
    const shared = changed({ 'models.mayor': { ...provider, apiKey: '****5678', model: 'opus' } });
    expect(shared).toMatchObject({ ok: true, settings: { 'models.mayor': { model: 'opus', keyRef: kept.keyRef } }, fresh: [] });
    expect(changed({ 'models.mayor': { ...provider, provider: 'openai', apiKey: '****5678' } })).toMatchObject({
      ok: false,
      path: 'body.models.mayor.apiKey',
    });
    expect(changed({ 'models.mayor': { ...provider, apiKey: '****0000' } }).ok).toBe(false);
  });
});

describe('a change with secret variables', () => {
  it('keeps the stored value when its mask is sent back (L77)', () => {
    const answer = changed({
      env: [
        { name: 'NPM_TOKEN', value: '****abcd', secret: true },
        { name: 'CI', value: '1', secret: false },
      ],
    });
    expect(answer).toMatchObject({ ok: true, settings: { env: [token, { name: 'CI', secret: false, value: '1' }] }, fresh: [] });
  });
  it('names a secret for a new value', () => {
    expect(changed({ env: [{ name: 'NPM_TOKEN', value: 'npm_0123456789', secret: true }] })).toMatchObject({
      ok: true,
      settings: { env: [{ name: 'NPM_TOKEN', secret: true, valueRef: nameOf('env/NPM_TOKEN'), valueMask: '****6789' }] },
      fresh: [{ ref: nameOf('env/NPM_TOKEN'), value: 'npm_0123456789' }],
    });
  });
  it.each([
    ['another variable', { name: 'OTHER', value: '****abcd', secret: true }],
    ['a variable that is not secret any more', { name: 'NPM_TOKEN', value: '****abcd', secret: false }],
  ])('refuses a mask as the value of %s', (_what, variable) => {
    expect(changed({ env: [variable] })).toMatchObject({ ok: false, path: 'body.env.0.value' });
  });
});

describe('what is stored', () => {
  it('leaves with its masks, never with the names of its secrets', () => {
    expect(maskedSettings(stored)).toEqual({
      'models.default': { ...provider, apiKey: '****5678' },
      env: [{ name: 'NPM_TOKEN', value: '****abcd', secret: true }],
    });
    expect(routeWithKey(kept, 'sk-ant-0123456789')).toEqual({ ...provider, apiKey: 'sk-ant-0123456789' });
    expect(routeWithKey(kept, undefined)).toEqual(provider);
  });
  it('names every secret that it refers to', () => {
    expect([...secretRefsOf(stored)]).toEqual([kept.keyRef, token.valueRef]);
  });
  it('loses a setting that is taken away, and its secret', () => {
    const answer = changed({ env: null });
    expect(answer.ok && [...secretRefsOf(answer.settings)]).toEqual([kept.keyRef]);
  });
});
