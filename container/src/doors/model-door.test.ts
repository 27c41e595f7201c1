import { describe, expect, it } from 'vitest';
import { upstreamOf } from './model-upstream.ts';
import { sign } from './sigv4.ts';
import { createUsageReader } from './usage-reader.ts';

const sources = {
  scriptedModelUrl: 'http://127.0.0.1:9/v1',
  awsCredentials: async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret', sessionToken: 'session' }),
};
const call = { method: 'POST', body: Buffer.from('{}'), nowMs: Date.UTC(2026, 10, 21) };

describe('where a model call goes', () => {
  it('is the configured endpoint, with the real key', async () => {
    const route = { kind: 'openai-compatible', baseUrl: 'https://models.example/v1/', apiKey: 'sk-1', model: 'm' } as const;
    expect(await upstreamOf({ ...call, route, rest: '/chat/chat/completions' }, sources)).toEqual({
      url: 'https://models.example/v1/chat/completions',
      headers: { authorization: 'Bearer sk-1' },
    });
  });
  it('is the provider by name, with its own header for the key', async () => {
    const route = { kind: 'opencode-provider', provider: 'anthropic', apiKey: 'sk-2', model: 'm' } as const;
    expect(await upstreamOf({ ...call, route, rest: '/provider/messages' }, sources)).toEqual({
      url: 'https://api.anthropic.com/v1/messages',
      headers: { 'x-api-key': 'sk-2' },
    });
  });
  it('is Bedrock of the region, signed with the temporary credentials', async () => {
    const route = { kind: 'bedrock', model: 'm', region: 'eu-west-1' } as const;
    const upstream = await upstreamOf({ ...call, route, rest: '/bedrock/model/eu.x.y-v1%3A0/converse-stream' }, sources);
    expect(upstream.url).toBe('https://bedrock-runtime.eu-west-1.amazonaws.com/model/eu.x.y-v1%3A0/converse-stream');
    expect(upstream.headers).toMatchObject({ 'x-amz-security-token': 'session', 'x-amz-date': '20261121T000000Z' });
    expect(upstream.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKID\/20261121\/eu-west-1\/bedrock\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$/,
    );
  });
  it('is never outside the path of the route, nor the address that hands out the credentials of the machine', async () => {
    const route = { kind: 'openai-compatible', baseUrl: 'https://models.example/v1/', apiKey: 'sk-1', model: 'm' } as const;
    for (const rest of ['/chat/../files', '/chat/%2e%2e/files', '/chat/x/.%2E/../files?x', '/chat/..\\files'])
      await expect(upstreamOf({ ...call, route, rest }, sources)).rejects.toThrow('dot segments');
    for (const baseUrl of ['http://169.254.170.2/v2', 'http://0xa9fea9fe/latest', 'http://[::ffff:169.254.169.254]/'])
      await expect(upstreamOf({ ...call, route: { ...route, baseUrl }, rest: '/chat/x' }, sources)).rejects.toThrow('the machine itself');
  });
  it('is refused with a sentence when the provider is unknown or the path is another door', async () => {
    const unknown = { kind: 'opencode-provider', provider: 'nobody', model: 'm' } as const;
    await expect(upstreamOf({ ...call, route: unknown, rest: '/provider/x' }, sources)).rejects.toThrow(
      'The provider "nobody" has no known address',
    );
    await expect(upstreamOf({ ...call, route: { kind: 'scripted' }, rest: '/bedrock/x' }, sources)).rejects.toThrow(
      'is reached under /chat/',
    );
    await expect(
      upstreamOf({ ...call, route: { kind: 'scripted' }, rest: '/chat/x' }, { ...sources, scriptedModelUrl: undefined }),
    ).rejects.toThrow('no scripted model server');
  });
});

it('signs as the published example of AWS does', () => {
  const headers = sign(
    {
      method: 'GET',
      url: new URL('https://example.amazonaws.com/'),
      headers: {},
      body: Buffer.alloc(0),
      region: 'us-east-1',
      service: 'service',
      nowMs: Date.UTC(2015, 7, 30, 12, 36, 0),
    },
    { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' },
  );
  expect(headers.authorization).toContain('Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31');
});

const count = (contentType: string, ...chunks: (string | Buffer)[]) => {
  const reader = createUsageReader(contentType);
  for (const chunk of chunks) reader.push(Buffer.from(chunk));
  return reader.end();
};
describe('counted tokens', () => {
  it('come from the last chunk of a chat stream, however it was cut', () => {
    const text =
      'data: {"choices":[]}\n\ndata: {"usage":{"prompt_tokens":100,"completion_tokens":9,"prompt_tokens_details":{"cached_tokens":40}}}\n\ndata: [DONE]\n\n';
    expect(count('text/event-stream', text.slice(0, 50), text.slice(50))).toEqual({
      inputTokens: 60,
      outputTokens: 9,
      cacheReadTokens: 40,
      cacheWriteTokens: 0,
    });
  });
  it('come from both events of an Anthropic stream', () => {
    expect(
      count(
        'text/event-stream',
        'event: message_start\ndata: {"type":"message_start","message":{"usage":{"input_tokens":12,"cache_read_input_tokens":30,"output_tokens":1}}}\n\ndata: {"type":"message_delta","usage":{"output_tokens":55}}\n\n',
      ),
    ).toEqual({ inputTokens: 12, outputTokens: 55, cacheReadTokens: 30, cacheWriteTokens: 0 });
  });
  it('name apart what was written to a cache, which costs more', () => {
    expect(count('application/json', '{"usage":{"input_tokens":5,"cache_creation_input_tokens":700,"output_tokens":2}}')).toEqual({
      inputTokens: 5,
      outputTokens: 2,
      cacheReadTokens: 0,
      cacheWriteTokens: 700,
    });
  });
  it('come from OpenAI responses, Google, and a plain answer', () => {
    expect(
      count(
        'text/event-stream',
        'data: {"type":"response.completed","response":{"usage":{"input_tokens":5,"output_tokens":6,"input_tokens_details":{"cached_tokens":2}}}}\n\n',
      ),
    ).toEqual({ inputTokens: 3, outputTokens: 6, cacheReadTokens: 2, cacheWriteTokens: 0 });
    expect(
      count('text/event-stream', 'data: {"usageMetadata":{"promptTokenCount":8,"candidatesTokenCount":3,"thoughtsTokenCount":4}}\n\n'),
    ).toEqual({ inputTokens: 8, outputTokens: 7, cacheReadTokens: 0, cacheWriteTokens: 0 });
    expect(count('application/json', '{"usage":{"prompt_to', 'kens":8,"completion_tokens":3}}')).toEqual({
      inputTokens: 8,
      outputTokens: 3,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
    });
  });
  it('come from the metadata frame of a Bedrock stream', () => {
    const payload = Buffer.from('{"usage":{"inputTokens":21,"outputTokens":34,"cacheReadInputTokens":5}}');
    const frame = Buffer.alloc(16 + payload.length);
    frame.writeUInt32BE(frame.length, 0);
    payload.copy(frame, 12);
    expect(count('application/vnd.amazon.eventstream', frame.subarray(0, 20), frame.subarray(20))).toEqual({
      inputTokens: 21,
      outputTokens: 34,
      cacheReadTokens: 5,
      cacheWriteTokens: 0,
    });
  });
  it('are zero for an answer that is no JSON', () => {
    expect(count('application/json', '<html>')).toEqual({ inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 });
  });
});
