import { describe, expect, it } from 'vitest';
import { draftOf, routeOf } from './model-draft.ts';

describe('a model being edited', () => {
  it('comes back as it was stored, mask included', () => {
    const stored = { kind: 'openai-compatible', baseUrl: 'https://models.example.com/v1', model: 'big', apiKey: '****1f2e' } as const;
    expect(routeOf(draftOf(stored))).toEqual({ ok: true, route: stored });
  });
  it('without a key sends none', () => {
    expect(routeOf({ ...draftOf({ kind: 'opencode-provider', provider: 'anthropic', model: 'claude' }), apiKey: ' ' })).toEqual({
      ok: true,
      route: { kind: 'opencode-provider', provider: 'anthropic', model: 'claude' },
    });
  });
  it('says at the field what is missing', () => {
    const result = routeOf({ ...draftOf({ kind: 'scripted' }), kind: 'openai-compatible', baseUrl: 'models.example.com', model: '' });
    expect(result.ok ? [] : [...result.errors.keys()]).toEqual(['baseUrl', 'model']);
  });
});
