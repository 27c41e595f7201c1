import { describe, expect, it } from 'vitest';
import { defaultTimings } from '../contracts/timings.schema.ts';
import { loadConfig } from './aws-config.ts';
import { createAwsPorts } from './aws-ports.ts';

const common = {
  GASTOWN_FUNCTION: 'api-towns',
  GASTOWN_DEPLOYMENT: 'gastown-dev',
  GASTOWN_API_URL: 'https://abc.execute-api.eu-central-1.amazonaws.com/v1',
  GASTOWN_WS_URL: 'wss://def.execute-api.eu-central-1.amazonaws.com/v1',
};
const messageOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : 'unknown';
  }
  return 'no error';
};

describe('the environment of a Lambda function', () => {
  it('names every missing and wrong variable at once', () => {
    const message = messageOf(() =>
      loadConfig({ GASTOWN_API_URL: 'nonsense', GASTOWN_WAKE_QUEUE_URL: 'https://sqs.example.com/wake', GASTOWN_PUBLIC_ADDRESS: 'maybe' }),
    );
    expect(message).toMatch(/^ConfigurationInvalid/);
    for (const name of [
      'GASTOWN_FUNCTION',
      'GASTOWN_DEPLOYMENT',
      'GASTOWN_API_URL',
      'GASTOWN_WS_URL',
      'GASTOWN_WAKE_QUEUE_ARN (alarm): is missing',
      'GASTOWN_SCHEDULE_ROLE_ARN',
      'GASTOWN_PUBLIC_ADDRESS (runtime)',
      'GASTOWN_CLUSTER_ARN',
    ])
      expect(message).toContain(name);
    expect(message).not.toContain('GASTOWN_TABLE_NAME');
  });
  it('reads a complete one', () => {
    const config = loadConfig({ ...common, GASTOWN_TABLE_NAME: 'gastown-dev', GASTOWN_TIMINGS: '{"reportPeriodMs":1000}' });
    expect(config.ports).toEqual({ store: { GASTOWN_TABLE_NAME: 'gastown-dev' } });
    expect(config.timings).toEqual({ ...defaultTimings, reportPeriodMs: 1000 });
    expect(messageOf(() => loadConfig({ ...common, GASTOWN_TIMINGS: '{"reportPeriod":1}' }))).toContain('GASTOWN_TIMINGS');
  });
});

describe('the ports of a Lambda function', () => {
  it('makes each granted port once, and refuses one that was not granted by name', () => {
    const ports = createAwsPorts(loadConfig({ ...common, GASTOWN_HINT_QUEUE_URL: 'https://sqs.example.com/hints.fifo' }));
    expect(ports.queue).toBe(ports.queue);
    expect(messageOf(() => ports.secrets)).toContain('api-towns uses the port "secrets", which it was not granted');
    expect(ports.deployment).toMatchObject({ localRepositories: false, defaultModel: 'bedrock', wsUrl: common.GASTOWN_WS_URL });
  });
});
