import { describe, expect, it } from 'vitest';
import type { SessionPart } from '../../../functions/contracts/runner.schema.ts';
import { livesOf } from './session-parts.ts';

const part = (seq: number, text: string, atMs = seq): SessionPart => ({ seq, messageId: 'm', role: 'assistant', kind: 'text', text, atMs });
const texts = (lives: ReturnType<typeof livesOf>): (string | undefined)[][] => lives.map((life) => life.parts.map(({ text }) => text));

describe('a session', () => {
  it('is in order, each part once, however its batches overlap', () => {
    expect(
      texts(
        livesOf(
          [
            { epoch: 2, parts: [part(0, 'a'), part(1, 'b')] },
            { epoch: 2, parts: [part(1, 'b'), part(2, 'c')] },
          ],
          [],
        ),
      ),
    ).toEqual([['a', 'b', 'c']]);
  });
  it('keeps the lives of several dispatches apart, oldest first', () => {
    expect(
      texts(
        livesOf(
          [
            { epoch: 5, parts: [part(0, 'new')] },
            { epoch: 3, parts: [part(0, 'old')] },
          ],
          [],
        ),
      ),
    ).toEqual([['old'], ['new']]);
  });
  it('shows live parts until the stored ones are there', () => {
    const stored = [{ epoch: 2, parts: [part(0, 'a'), part(1, 'whole')] }];
    expect(texts(livesOf(stored, [part(1, 'who', 9), part(2, 'next')]))).toEqual([['a', 'whole', 'next']]);
    expect(texts(livesOf([], [part(0, 'first')]))).toEqual([['first']]);
  });
});
