// POSTs JSON to an address that a person gave: no redirects, bounded time, and on a server for strangers only https to the public internet (SSRF).
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { isPublicAddress, publicLookup } from '../git/public-address.ts';

export interface PostOptions {
  /** For the whole call, in ms. */
  readonly timeoutMs: number;
  /** `public`: https to public addresses only. `any`: http and this network too, for a person's own machine. */
  readonly reach: 'public' | 'any';
}
export type Post = (url: string, body: string, headers: Readonly<Record<string, string>>) => Promise<void>;

/** A channel did not take a notification. Retryable; the message names the host and what it said, never the path: that may be a secret. */
export class NotificationFailed extends Error {
  override readonly name = 'NotificationFailed';
}

const checked = (text: string, reach: PostOptions['reach']): URL => {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) throw new NotificationFailed('its address is no https URL');
  if (reach === 'any') return url;
  if (url.protocol !== 'https:') throw new NotificationFailed(`${url.host}: notifications are only sent over https`);
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(literal) !== 0 && !isPublicAddress(literal))
    throw new NotificationFailed(`${url.hostname} is not an address of the public internet`);
  return url;
};

/** Resolves when the host answers with 2xx. Throws `NotificationFailed`. */
export const createPost =
  ({ timeoutMs, reach }: PostOptions): Post =>
  async (text, body, headers) => {
    const url = checked(text, reach);
    const call = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      const request = call(
        url,
        {
          method: 'POST',
          signal: AbortSignal.timeout(timeoutMs),
          agent: false,
          ...(reach === 'public' ? { lookup: publicLookup } : {}),
          headers: {
            'content-type': 'application/json',
            'content-length': `${Buffer.byteLength(body)}`,
            'user-agent': 'gastown',
            ...headers,
          },
        },
        resolve,
      );
      request.on('error', reject);
      request.end(body);
    });
    let status: number;
    try {
      const response = await answered;
      status = response.statusCode ?? 0;
      response.destroy();
    } catch (error) {
      throw new NotificationFailed(`${url.host}: ${error instanceof Error ? error.message : 'unknown error'}`);
    }
    if (status < 200 || status > 299) throw new NotificationFailed(`${url.host} answered with status ${status}`);
  };
