// git's packet lines (source: gitprotocol-common, gitprotocol-pack): reading the commands of a push, writing its report.

export const pktLine = (payload: string | Buffer): Buffer => {
  const body = typeof payload === 'string' ? Buffer.from(payload) : payload;
  return Buffer.concat([Buffer.from((body.length + 4).toString(16).padStart(4, '0')), body]);
};
export const flushPkt = Buffer.from('0000');

export interface PushCommand {
  readonly oldSha: string;
  readonly newSha: string;
  readonly ref: string;
}
export interface PushRequest {
  readonly commands: readonly PushCommand[];
  readonly capabilities: readonly string[];
}

/** The commands before the pack. Throws on anything that is not a push request. */
export const parsePushRequest = (body: Buffer): PushRequest => {
  const commands: PushCommand[] = [];
  let capabilities: string[] = [];
  for (let at = 0; at + 4 <= body.length;) {
    const length = Number.parseInt(body.subarray(at, at + 4).toString('latin1'), 16);
    if (length === 0) break;
    if (!(length > 4) || at + length > body.length) throw new Error('this is not a git push');
    const [text = '', caps] = body
      .subarray(at + 4, at + length)
      .toString('utf8')
      .replace(/\n$/, '')
      .split('\0');
    if (caps !== undefined) capabilities = caps.trim().split(' ');
    at += length;
    if (text.startsWith('shallow ')) continue;
    const match = /^([0-9a-f]{40}) ([0-9a-f]{40}) (.+)$/.exec(text);
    if (match === null) throw new Error('this is not a git push that we understand');
    commands.push({ oldSha: match[1] ?? '', newSha: match[2] ?? '', ref: match[3] ?? '' });
  }
  return { commands, capabilities };
};

/** The answer to a push: every ref refused with one sentence, which people and agents see after "remote:". */
export const refusePush = (request: PushRequest, sentence: string): Buffer => {
  const reason = sentence.replace(/\s+/g, ' ').slice(0, 800);
  const report = Buffer.concat([
    pktLine('unpack ok\n'),
    ...request.commands.map((command) => pktLine(`ng ${command.ref} ${reason.slice(0, 200)}\n`)),
    flushPkt,
  ]);
  if (!request.capabilities.includes('side-band-64k')) return report;
  return Buffer.concat([
    pktLine(Buffer.concat([Buffer.from([2]), Buffer.from(`${reason}\n`)])),
    pktLine(Buffer.concat([Buffer.from([1]), report])),
    flushPkt,
  ]);
};
