import { describe, expect, it } from 'vitest';
import { calledModel } from '../doors/model-door.ts';
import { agentEnvironment, opencodeConfig } from './opencode-config.ts';

const access = { modelUrl: 'http://127.0.0.1:1/model', mcpUrl: 'http://127.0.0.1:1/mcp', secret: 's' };
const route = { kind: 'openai-compatible', baseUrl: 'https://models.example.com/v1', model: 'large' } as const;
const body = (model: string) => new TextEncoder().encode(JSON.stringify({ model }));

describe('the environment of an agent', () => {
  it('has the variables of the settings, but nothing of what the runner sets is theirs to change', () => {
    const environment = agentEnvironment({
      dataDir: '/data',
      agentId: 'toast',
      userName: 'agent1',
      home: { folder: '/h', home: '/h/home', temp: '/h/temp', etc: '/h/etc', work: '/h/work', hooks: '/h/hooks' },
      path: '/usr/bin',
      lang: 'C.UTF-8',
      git: { GIT_AUTHOR_NAME: 'Ada' },
      own: { NPM_TOKEN: 'npm_0123', PATH: '/evil', GIT_AUTHOR_NAME: 'Eve' },
    });
    expect(environment).toMatchObject({ NPM_TOKEN: 'npm_0123', PATH: '/usr/bin', GIT_AUTHOR_NAME: 'Ada' });
  });
});

describe('the model for small steps', () => {
  it('is the same model, unless the settings name another one of that provider', () => {
    expect(JSON.parse(opencodeConfig('polecat', { model: route }, access).config)).toMatchObject({ small_model: 'gastown/large' });
    const { config } = opencodeConfig('polecat', { model: route, smallModel: 'tiny' }, access);
    expect(JSON.parse(config)).toMatchObject({
      model: 'gastown/large',
      small_model: 'gastown/tiny',
      provider: { gastown: { models: { large: {}, tiny: {} } } },
    });
  });
  it('is charged under its own name', () => {
    expect(calledModel({ route, smallModel: 'tiny' }, '/chat/completions', body('tiny'))).toBe('tiny');
    expect(calledModel({ route, smallModel: 'tiny' }, '/chat/completions', body('large'))).toBe('large');
    expect(calledModel({ route }, '/chat/completions', body('tiny'))).toBe('large');
    const bedrock = { kind: 'bedrock', model: 'anthropic.big' } as const;
    expect(calledModel({ route: bedrock, smallModel: 'a.tiny:0' }, '/bedrock/model/a.tiny%3A0/converse', body(''))).toBe('a.tiny:0');
  });
});
