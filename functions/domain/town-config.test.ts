import { describe, expect, it } from 'vitest';
import type { StoredTownConfig, TownConfigPatch } from '../contracts/town.schema.ts';
import { defaultConfig, keyRefsOf, maskedConfig, patchedConfig, routeWithKey } from './town-config.ts';

const provider = { kind: 'opencode-provider', provider: 'anthropic', model: 'claude' } as const;
const nameOf = (role: string): string => `towns/t-1/models/${role}-new`;
const stored: StoredTownConfig = {
  ...defaultConfig('scripted'),
  models: { default: { ...provider, keyRef: 'towns/t-1/models/default-old', keyMask: '****5678' } },
};
const patched = (models: TownConfigPatch['models']) => patchedConfig(stored, { models }, nameOf);

describe('a patched configuration', () => {
  it('names a secret for each new key and hands the key out beside it', () => {
    expect(patched({ mayor: { ...provider, apiKey: 'sk-ant-0123456789' }, polecat: { ...provider, apiKey: 'short' } })).toMatchObject({
      ok: true,
      config: {
        models: {
          default: stored.models.default,
          mayor: { ...provider, keyRef: nameOf('mayor'), keyMask: '****6789' },
          polecat: { ...provider, keyRef: nameOf('polecat'), keyMask: '****' },
        },
      },
      fresh: [
        { keyRef: nameOf('mayor'), key: 'sk-ant-0123456789' },
        { keyRef: nameOf('polecat'), key: 'short' },
      ],
    });
  });
  it('lets a role share the key of the default by its mask, for the same provider only', () => {
    const shared = patched({ mayor: { ...provider, apiKey: '****5678', model: 'opus' } });
    expect(shared).toMatchObject({
      ok: true,
      config: { models: { mayor: { model: 'opus', keyRef: 'towns/t-1/models/default-old' } } },
      fresh: [],
    });
    expect(shared.ok ? [...keyRefsOf(shared.config)] : []).toEqual(['towns/t-1/models/default-old']);
    expect(patched({ mayor: { ...provider, provider: 'openai', apiKey: '****5678' } })).toMatchObject({
      ok: false,
      path: 'body.models.mayor.apiKey',
    });
    expect(patched({ mayor: { ...provider, apiKey: '****0000' } }).ok).toBe(false);
  });
});

describe('a stored route', () => {
  it('leaves with its mask or its key, never with the name of its secret', () => {
    expect(maskedConfig(stored).models).toEqual({ default: { ...provider, apiKey: '****5678' } });
    expect(routeWithKey(stored.models.default, 'sk-ant-0123456789')).toEqual({ ...provider, apiKey: 'sk-ant-0123456789' });
    expect(routeWithKey(stored.models.default, undefined)).toEqual(provider);
  });
});
