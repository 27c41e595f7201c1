// Clock, ids and log of a program. The log is one JSON object a line; Lambda sends standard output to CloudWatch, a local town writes a file.
import { randomBytes, randomInt } from 'node:crypto';
import { monotonicFactory } from 'ulid';
import { metricsNamespace } from '../contracts/observability.schema.ts';
import type { Clock, Ids, Log, Metrics } from '../ports.ts';

export const systemClock: Clock = { nowMs: () => Date.now() };

const digits = '0123456789abcdefghijklmnopqrstuvwxyz';
export const createIds = (clock: Clock): Ids => {
  const ulid = monotonicFactory();
  return {
    ulid: () => ulid(clock.nowMs()),
    base36: (length) => Array.from({ length }, () => digits.charAt(randomInt(digits.length))).join(''),
    secret: () => randomBytes(32).toString('base64url'),
  };
};

export const createLog = (write: (line: string) => void, clock: Clock, program: string): Log => {
  const at =
    (level: string) =>
    (event: string, fields: Readonly<Record<string, string | number | boolean | undefined>> = {}) => {
      write(`${JSON.stringify({ at: new Date(clock.nowMs()).toISOString(), level, program, event, ...fields })}\n`);
    };
  return { info: at('info'), warn: at('warn'), error: at('error') };
};

/**
 * Metrics as lines of the embedded metric format: CloudWatch makes metrics of them without a call, and elsewhere they are JSON that tools
 * can read. One dimension, the deployment: a metric costs per combination of dimensions.
 */
export const createEmfMetrics = (write: (line: string) => void, clock: Clock, deployment: string): Metrics => ({
  record: (values, facts = {}) => {
    const metrics = Object.keys(values).map((name) => ({ Name: name, Unit: name.endsWith('Ms') ? 'Milliseconds' : 'Count' }));
    const directive = {
      Timestamp: clock.nowMs(),
      CloudWatchMetrics: [{ Namespace: metricsNamespace, Dimensions: [['Deployment']], Metrics: metrics }],
    };
    write(`${JSON.stringify({ ...facts, ...values, Deployment: deployment, _aws: directive })}\n`);
  },
});
