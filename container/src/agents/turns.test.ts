import { describe, expect, it } from 'vitest';
import type { Message, MessageInfo, Part } from './opencode-client.ts';
import { completePart, contextTokensOf, promptIdsIn, statusLineOf, turnEnd } from './turns.ts';

const part = (change: Partial<Part>): Part => ({ id: 'prt_1', sessionID: 'ses_1', messageID: 'msg_1', type: 'text', ...change });
const asked = (promptId: string, resume = false): Message => ({
  info: { id: `msg_${promptId}`, sessionID: 'ses_1', role: 'user' },
  parts: [part({ text: promptId, metadata: { gastownPromptId: promptId, ...(resume ? { resume: true } : {}) } })],
});
const answered = (text: string, info: Partial<MessageInfo> = {}): Message => ({
  info: { id: 'msg_a', sessionID: 'ses_1', role: 'assistant', finish: 'stop', time: { created: 1, completed: 2 }, ...info },
  parts: [part({ text, time: { start: 1, end: 2 } })],
});

describe('the end of a turn', () => {
  it('is the last thing that the agent said before the next prompt', () => {
    const messages = [asked('p1'), answered('Looking.', { finish: 'tool-calls' }), answered('Done.'), asked('p2'), answered('Second.')];
    expect(turnEnd(messages, 'p1')).toEqual({ outcome: 'completed', text: 'Done.' });
    expect(turnEnd(messages, 'p2')).toEqual({ outcome: 'completed', text: 'Second.' });
  });
  it('is shared by a prompt that was put in while another one ran', () => {
    const messages = [asked('p1'), answered('Looking.', { finish: 'tool-calls' }), asked('mail-1'), answered('Both done.')];
    expect(turnEnd(messages, 'p1')).toEqual({ outcome: 'completed', text: 'Both done.' });
    expect(turnEnd(messages, 'mail-1')).toEqual({ outcome: 'completed', text: 'Both done.' });
  });
  it('is shared by prompts that went in as one message', () => {
    const both: Message = {
      ...asked('mail-1'),
      parts: ['mail-1', 'mail-2'].map((promptId) => part({ text: promptId, metadata: { gastownPromptId: promptId } })),
    };
    const messages = [both, answered('Read both.'), asked('p2'), answered('Second.')];
    expect(promptIdsIn(messages)).toEqual(['mail-1', 'mail-2', 'p2']);
    for (const promptId of ['mail-1', 'mail-2']) expect(turnEnd(messages, promptId)).toEqual({ outcome: 'completed', text: 'Read both.' });
  });
  it('is unknown while nothing answered, when a tool call was cut off, and after an abort', () => {
    expect(turnEnd([asked('p1')], 'p1')).toBeUndefined();
    expect(turnEnd([asked('p1'), answered('Looking.', { finish: 'tool-calls' })], 'p1')).toBeUndefined();
    expect(turnEnd([asked('p1'), answered('Looking.', { time: { created: 1 } })], 'p1')).toBeUndefined();
    expect(turnEnd([asked('p1'), answered('', { error: { name: 'MessageAbortedError' } })], 'p1')).toBeUndefined();
    expect(turnEnd([asked('p1'), answered('Done.')], 'other')).toBeUndefined();
  });
  it('counts what came after a resumed prompt', () => {
    const messages = [
      asked('p1'),
      answered('Looking.', { finish: 'tool-calls' }),
      asked('p1', true),
      answered('Finished after the restart.'),
    ];
    expect(turnEnd(messages, 'p1')).toEqual({ outcome: 'completed', text: 'Finished after the restart.' });
    expect(promptIdsIn(messages)).toEqual(['p1']);
  });
  it('names the model when its endpoint was the reason', () => {
    const messages = [asked('p1'), answered('', { error: { name: 'APIError', data: { message: 'Unauthorized' } } })];
    expect(turnEnd(messages, 'p1')).toEqual({ outcome: 'failed', text: 'Unauthorized', cause: 'model' });
  });
});

describe('status lines', () => {
  it('are the newest first-level heading outside of code', () => {
    expect(statusLineOf('# Reading\ntext\n## Not this\n# Writing the parser\nmore')).toBe('Writing the parser');
    expect(statusLineOf('```sh\n# a comment\n```\nno heading')).toBeUndefined();
    expect(statusLineOf('#no space')).toBeUndefined();
  });
});

describe('stored parts', () => {
  it('are complete ones only', () => {
    expect(completePart(part({ text: 'growing', time: { start: 1 } }), 'assistant', 9)).toBeUndefined();
    expect(completePart(part({ text: 'whole', time: { start: 1, end: 5 } }), 'assistant', 9)).toMatchObject({
      kind: 'text',
      text: 'whole',
      atMs: 5,
    });
    expect(completePart(part({ text: 'asked' }), 'user', 9)).toMatchObject({ role: 'user', text: 'asked', atMs: 9 });
    expect(completePart(part({ type: 'tool', tool: 'bash', state: { status: 'running', input: {} } }), 'assistant', 9)).toBeUndefined();
    expect(
      completePart(part({ type: 'tool', tool: 'bash', state: { status: 'error', input: { command: 'ls' }, error: 'no' } }), 'assistant', 9),
    ).toMatchObject({ kind: 'tool', tool: { name: 'bash', status: 'error', input: '{"command":"ls"}', output: 'no' } });
    expect(completePart(part({ type: 'step-start' }), 'assistant', 9)).toBeUndefined();
  });
});

describe('the length of a conversation', () => {
  it('is what its newest counted call had before it and added, with what came from a cache', () => {
    const counted = answered('One.', { tokens: { input: 40, output: 5, cache: { read: 900, write: 30 } } });
    expect(contextTokensOf([answered('Old.', { tokens: { input: 9, output: 9 } }), counted, asked('p2')])).toBe(975);
    expect(contextTokensOf([counted, answered('Aborted.', { tokens: { input: 0, output: 0 } })])).toBe(975);
    expect(contextTokensOf([asked('p1')])).toBe(0);
  });
});
