import { describe, expect, it } from 'vitest';
import { loadConfig } from './config.ts';
import { parseOptions } from './options.ts';

describe('arguments of npm start', () => {
  it('has the documented defaults', () => {
    const parsed = parseOptions([]);
    expect(parsed).toMatchObject({ ok: true, options: { port: 4400, demo: true, open: true, help: false } });
  });
  it.each([
    [['--port', 'many'], /--port is a number/],
    [['--port', '70000'], /--port is a number/],
    [['--speed', '3'], /--speed/],
    [['extra'], /extra/],
  ])('refuses %j with a sentence', (args, sentence) => {
    const parsed = parseOptions(args);
    expect(parsed.ok ? '' : parsed.message).toMatch(sentence);
  });
  it('understands --no-demo and --no-open', () => {
    expect(parseOptions(['--no-demo', '--no-open', '--port', '0'])).toMatchObject({
      ok: true,
      options: { demo: false, open: false, port: 0 },
    });
  });
});

describe('the environment of a local town', () => {
  it('shortens single timings and keeps the rest', () => {
    const { timings } = loadConfig({ GASTOWN_TIMINGS: '{"reportPeriodMs":500}' });
    expect(timings).toMatchObject({ reportPeriodMs: 500, runtimeSilentMs: 90_000 });
  });
  it('names every wrong variable at once', () => {
    expect(() => loadConfig({ GASTOWN_TIMINGS: '{"reportPeriod":5}', GASTOWN_ISOLATION: 'maybe' })).toThrow(
      /GASTOWN_TIMINGS[\s\S]*GASTOWN_ISOLATION|GASTOWN_ISOLATION[\s\S]*GASTOWN_TIMINGS/,
    );
  });
});
