import { describe, expect, it } from 'vitest';
import { flushPkt, parsePushRequest, pktLine, refusePush } from './pkt-line.ts';

const old = '0'.repeat(40);
const sha = 'a'.repeat(40);
const line = (ref: string, capabilities = ''): Buffer => pktLine(`${old} ${sha} ${ref}${capabilities}`);

describe('push requests', () => {
  it('are read up to the pack', () => {
    const body = Buffer.concat([
      line('refs/heads/x', '\0 report-status side-band-64k agent=git/2'),
      line('refs/heads/y'),
      flushPkt,
      Buffer.from('PACK....'),
    ]);
    expect(parsePushRequest(body)).toEqual({
      commands: [
        { oldSha: old, newSha: sha, ref: 'refs/heads/x' },
        { oldSha: old, newSha: sha, ref: 'refs/heads/y' },
      ],
      capabilities: ['report-status', 'side-band-64k', 'agent=git/2'],
    });
  });
  it('may be empty', () => {
    expect(parsePushRequest(flushPkt).commands).toEqual([]);
  });
  it('are refused when they are none', () => {
    expect(() => parsePushRequest(Buffer.from('zzzzhello'))).toThrow('not a git push');
    expect(() => parsePushRequest(Buffer.from('00ffshort'))).toThrow('not a git push');
    expect(() => parsePushRequest(pktLine('hello there'))).toThrow('not a git push');
  });
  it('are answered with one sentence per ref', () => {
    const text = refusePush(
      { commands: [{ oldSha: old, newSha: sha, ref: 'refs/heads/x' }], capabilities: ['side-band-64k'] },
      'Not\nyours.',
    ).toString('latin1');
    expect(text).toContain('\u0002Not yours.\n');
    expect(text).toContain('ng refs/heads/x Not yours.\n');
    expect(refusePush({ commands: [], capabilities: [] }, 'x').toString('latin1')).toBe('000eunpack ok\n0000');
  });
});
