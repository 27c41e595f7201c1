// Clock, ids and log of a program. The log is one JSON object a line; Lambda sends standard output to CloudWatch, a local town writes a file.
import { randomBytes, randomInt } from 'node:crypto';
import { monotonicFactory } from 'ulid';
import type { Clock, Ids, Log } from '../ports.ts';

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
