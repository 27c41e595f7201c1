// Counts tokens in the answers of model servers while they stream by: OpenAI chat and responses, Anthropic, Google, Bedrock. Numbers in a stream are cumulative, so the largest counts.
import { z } from 'zod';

export interface TokenCount {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
}

const n = z.number().nonnegative().optional().catch(undefined);
const usageSchema = z.object({
  prompt_tokens: n,
  completion_tokens: n,
  prompt_tokens_details: z.object({ cached_tokens: n }).nullish().catch(undefined),
  input_tokens: n,
  output_tokens: n,
  cache_read_input_tokens: n,
  cache_creation_input_tokens: n,
  input_tokens_details: z.object({ cached_tokens: n }).nullish().catch(undefined),
  inputTokens: n,
  outputTokens: n,
  cacheReadInputTokens: n,
  cacheWriteInputTokens: n,
  promptTokenCount: n,
  candidatesTokenCount: n,
  thoughtsTokenCount: n,
  cachedContentTokenCount: n,
});
const usage = usageSchema.nullish().catch(undefined);
const eventSchema = z.object({
  usage,
  usageMetadata: usage,
  message: z.object({ usage }).nullish().catch(undefined),
  response: z.object({ usage }).nullish().catch(undefined),
});

/** Input tokens without those read from or written to a cache, whatever the provider's own convention. */
const countOf = (found: z.infer<typeof usageSchema>): TokenCount => {
  const included =
    found.prompt_tokens_details?.cached_tokens ?? found.input_tokens_details?.cached_tokens ?? found.cachedContentTokenCount ?? 0;
  const apart = found.cache_read_input_tokens ?? found.cacheReadInputTokens ?? 0;
  const input = found.prompt_tokens ?? found.promptTokenCount ?? found.input_tokens ?? found.inputTokens ?? 0;
  const written = found.cache_creation_input_tokens ?? found.cacheWriteInputTokens ?? 0;
  const output =
    found.completion_tokens ??
    found.output_tokens ??
    found.outputTokens ??
    (found.candidatesTokenCount ?? 0) + (found.thoughtsTokenCount ?? 0);
  return {
    inputTokens: Math.max(0, Math.round(input - included)),
    outputTokens: Math.round(output),
    cacheReadTokens: Math.round(included + apart),
    cacheWriteTokens: Math.round(written),
  };
};

/** Bytes of text per token, on the safe side (about four in English). */
const bytesPerToken = 3;
/** For a call whose answer named no figures. */
export const estimatedTokens = (requestBytes: number, answerBytes: number): TokenCount => ({
  inputTokens: Math.ceil(requestBytes / bytesPerToken),
  outputTokens: Math.ceil(answerBytes / bytesPerToken),
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
});

export interface UsageReader {
  push(chunk: Buffer): void;
  end(): TokenCount;
}

/** Reads a body of the given content type piece by piece; keeps at most one event, and never fails on what it does not understand. */
export const createUsageReader = (contentType: string): UsageReader => {
  let count: TokenCount = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
  const see = (text: string): void => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return;
    }
    const parsed = eventSchema.safeParse(value);
    if (!parsed.success) return;
    const found = parsed.data.usage ?? parsed.data.usageMetadata ?? parsed.data.message?.usage ?? parsed.data.response?.usage;
    if (found === undefined || found === null) return;
    const next = countOf(found);
    count = {
      inputTokens: Math.max(count.inputTokens, next.inputTokens),
      outputTokens: Math.max(count.outputTokens, next.outputTokens),
      cacheReadTokens: Math.max(count.cacheReadTokens, next.cacheReadTokens),
      cacheWriteTokens: Math.max(count.cacheWriteTokens, next.cacheWriteTokens),
    };
  };
  if (contentType.includes('vnd.amazon.eventstream')) return eventStreamReader(see, () => count);
  if (contentType.includes('event-stream')) return lineReader(see, () => count);
  const chunks: Buffer[] = [];
  return {
    push: (chunk) => {
      chunks.push(chunk);
    },
    end: () => {
      see(Buffer.concat(chunks).toString('utf8'));
      return count;
    },
  };
};

const lineReader = (see: (text: string) => void, count: () => TokenCount): UsageReader => {
  const decoder = new TextDecoder();
  let text = '';
  const take = (line: string): void => {
    if (line.startsWith('data:')) see(line.slice(5).trim());
  };
  return {
    push: (chunk) => {
      const lines = (text + decoder.decode(chunk, { stream: true })).split(/\r?\n/);
      text = lines.pop() ?? '';
      lines.forEach(take);
    },
    end: () => {
      take(text);
      return count();
    },
  };
};

/** Amazon's binary framing: total length, header length, prelude checksum (4 bytes each), headers, payload, checksum. */
const eventStreamReader = (see: (text: string) => void, count: () => TokenCount): UsageReader => {
  let rest = Buffer.alloc(0);
  return {
    push: (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 12) {
        const total = rest.readUInt32BE(0);
        if (total < 16 || rest.length < total) break;
        see(rest.subarray(12 + rest.readUInt32BE(4), total - 4).toString('utf8'));
        rest = rest.subarray(total);
      }
    },
    end: count,
  };
};
