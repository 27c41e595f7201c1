// `fetch` for a host that a person named: no redirects, bounded time and size, and for a server that acts for strangers https to public addresses only (SSRF).
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { HostRefused, HostUnavailable } from '../../host-errors.ts';
import { PrivateAddressRefused, isPublicAddress, publicLookup } from '../git/public-address.ts';

export interface HostFetchOptions {
  /** For one request with its answer, in ms. */
  readonly timeoutMs: number;
  /** `public`: https to public addresses. `any`: http and this network too, for a person's own machine. */
  readonly reach: 'public' | 'any';
}
export interface HostRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Only the last bytes of the answer are kept. */
  readonly tailBytes?: number;
}
export type HostFetch = (url: string, request: HostRequest) => Promise<Response>;

/** More than any page of 100 that the product asks for. */
const maxBytes = 16 * 1024 * 1024;

const checked = (text: string, reach: HostFetchOptions['reach']): URL => {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw new HostRefused('The address of the git host is no https address.', 'invalid');
  if (reach === 'any') return url;
  if (url.protocol !== 'https:') throw new HostRefused(`${url.host} is asked over https only; give its https address.`, 'invalid');
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(literal) !== 0 && !isPublicAddress(literal))
    throw new HostRefused(`${url.hostname} is not an address of the public internet.`, 'forbidden');
  return url;
};

const bytesOf = async (answer: IncomingMessage, tailBytes: number | undefined): Promise<Buffer> => {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer) {
    parts.push(Buffer.from(part));
    size += parts.at(-1)?.length ?? 0;
    if (tailBytes === undefined && size > maxBytes) throw new Error(`more than ${maxBytes} bytes`);
    if (tailBytes !== undefined && size > 2 * tailBytes) {
      parts = [Buffer.concat(parts).subarray(-tailBytes)];
      size = tailBytes;
    }
  }
  const all = Buffer.concat(parts);
  return tailBytes === undefined ? all : all.subarray(-tailBytes);
};
const headersOf = (answer: IncomingMessage): Headers => {
  const headers = new Headers();
  for (const [name, value] of Object.entries(answer.headers))
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  return headers;
};
const withoutBody = new Set([204, 205, 304]);

/** Throws `HostUnavailable` when nobody answers, `HostRefused` for an address that is not asked. */
export const createHostFetch =
  ({ timeoutMs, reach }: HostFetchOptions): HostFetch =>
  async (text, { method, headers, body, tailBytes }) => {
    const url = checked(text, reach);
    const call = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      const request = call(
        url,
        {
          method,
          signal: AbortSignal.timeout(timeoutMs),
          agent: false,
          ...(reach === 'public' ? { lookup: publicLookup } : {}),
          headers: { ...headers, ...(body === undefined ? {} : { 'content-length': `${Buffer.byteLength(body)}` }) },
        },
        resolve,
      );
      request.on('error', reject);
      request.end(body);
    });
    try {
      const answer = await answered;
      const status = answer.statusCode ?? 500;
      const bytes = await bytesOf(answer, tailBytes);
      return new Response(withoutBody.has(status) ? null : new Uint8Array(bytes), { status, headers: headersOf(answer) });
    } catch (error) {
      if (error instanceof PrivateAddressRefused)
        throw new HostRefused(`${url.hostname} leads to a private network; connect a repository on the public internet.`, 'forbidden');
      const isLate = error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
      const why = isLate
        ? `did not answer within ${timeoutMs / 1000} s`
        : `cannot be reached: ${error instanceof Error ? error.message : 'unknown error'}`;
      throw new HostUnavailable(`${url.host} ${why}.`, { reason: 'outage' });
    }
  };
