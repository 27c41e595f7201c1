// Asks a repository over git's smart HTTP for its refs and for the right to push, without git and without writing anything.
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { GitCredential, GitHost, ProbeResult } from '../../ports.ts';
import { PrivateAddressRefused, isPublicAddress, publicLookup } from './public-address.ts';
import { parseAdvertisement } from './ref-advertisement.ts';
import type { Advertisement } from './ref-advertisement.ts';

export interface SmartHttpProbeOptions {
  /** For the whole probe, in ms. */
  readonly timeoutMs: number;
  /** `public`: https to public addresses only, for a server that acts for strangers. `any`: http and this network too, for a person's own machine. */
  readonly reach: 'public' | 'any';
  /** When given, only these hosts (name, or name:port) are asked. */
  readonly allowedHosts?: readonly string[];
}

type Failure = Extract<ProbeResult, { ok: false }>;
type Answer =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'advertisement'; readonly advertisement: Advertisement }
  | { readonly kind: 'not-git' }
  | { readonly kind: 'failure'; readonly failure: Failure };
type Service = 'git-upload-pack' | 'git-receive-pack';

/** Enough for the branches of any common repository; the rest of a long advertisement is not read. */
const maxBytes = 256 * 1024;
const maxRedirects = 3;
const fail = (reason: Failure['reason'], message: string): Failure => ({ ok: false, reason, message });

const refusal = (url: URL, options: SmartHttpProbeOptions, credential: GitCredential | undefined): Failure | undefined => {
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return fail('not-allowed', 'Give the https URL of the repository; other kinds cannot be reached from here.');
  if (url.username !== '' || url.password !== '')
    return fail('not-allowed', 'Leave user name and password out of the URL; give them as credential.');
  if (options.allowedHosts !== undefined && !options.allowedHosts.includes(url.host))
    return fail('not-allowed', `The host ${url.host} is not on this deployment's list of git hosts; ask its operator to add it.`);
  if (options.reach === 'any') return undefined;
  if (url.protocol !== 'https:')
    return fail(
      'not-allowed',
      credential === undefined
        ? 'Give the https URL of the repository.'
        : 'A credential is only sent over https; give the https URL of the repository.',
    );
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  return isIP(literal) !== 0 && !isPublicAddress(literal)
    ? fail('not-allowed', `${url.hostname} is not an address of the public internet.`)
    : undefined;
};

const readAdvertisement = async (response: IncomingMessage, service: Service): Promise<Answer> => {
  if (!(response.headers['content-type'] ?? '').startsWith(`application/x-${service}-advertisement`)) return { kind: 'not-git' };
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response) {
    const bytes = Buffer.from(part);
    parts.push(bytes);
    size += bytes.length;
    const parsed = parseAdvertisement(Buffer.concat(parts), service);
    if (parsed.kind === 'done') return { kind: 'advertisement', advertisement: parsed.advertisement };
    if (parsed.kind === 'not-git') return { kind: 'not-git' };
    if (size > maxBytes) break;
  }
  const parsed = parseAdvertisement(Buffer.concat(parts), service, true);
  return parsed.kind === 'done' ? { kind: 'advertisement', advertisement: parsed.advertisement } : { kind: 'not-git' };
};

const failureOf = (error: unknown, url: URL, timeoutMs: number): Failure => {
  if (error instanceof PrivateAddressRefused)
    return fail('not-allowed', `${url.hostname} leads to a private network; connect a repository on the public internet.`);
  if (error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError'))
    return fail('unreachable', `${url.host} did not answer within ${timeoutMs / 1000} s. Check the address, or try again later.`);
  return fail(
    'unreachable',
    `${url.host} cannot be reached: ${error instanceof Error ? error.message : 'unknown error'}. Check the address.`,
  );
};

interface Asking {
  readonly url: URL;
  readonly service: Service;
  readonly credential: GitCredential | undefined;
  readonly options: SmartHttpProbeOptions;
  readonly signal: AbortSignal;
}

const open = ({ url, credential, options, signal }: Asking): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const call = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = call(
      url,
      {
        signal,
        agent: false,
        ...(options.reach === 'public' ? { lookup: publicLookup } : {}),
        headers: {
          'user-agent': 'git/2.45 (gastown)',
          accept: '*/*',
          ...(credential === undefined
            ? {}
            : { authorization: `Basic ${Buffer.from(`${credential.username}:${credential.password}`).toString('base64')}` }),
        },
      },
      resolve,
    );
    request.on('error', reject);
    request.end();
  });

/** One GET of `/info/refs`, following redirects within the same host only: a credential never goes to another one. */
const ask = async (asking: Asking, redirects = 0): Promise<Answer> => {
  const refused = refusal(asking.url, asking.options, asking.credential);
  if (refused !== undefined) return { kind: 'failure', failure: refused };
  try {
    const response = await open(asking);
    try {
      const status = response.statusCode ?? 0;
      const location = response.headers.location;
      if (status >= 300 && status < 400 && location !== undefined) {
        const next = URL.parse(location, asking.url);
        const upgrade = next?.hostname === asking.url.hostname && asking.url.protocol === 'http:' && next.protocol === 'https:';
        if (next === null || redirects >= maxRedirects || (next.origin !== asking.url.origin && !upgrade)) {
          return {
            kind: 'failure',
            failure: fail(
              'not-allowed',
              `The repository has moved to ${next === null ? 'an unknown place' : next.host}; give its new address.`,
            ),
          };
        }
        return await ask({ ...asking, url: next }, redirects + 1);
      }
      return status === 200 ? await readAdvertisement(response, asking.service) : { kind: 'status', status };
    } finally {
      response.destroy();
    }
  } catch (error) {
    return { kind: 'failure', failure: failureOf(error, asking.url, asking.options.timeoutMs) };
  }
};

const readFailure = (answer: Exclude<Answer, { kind: 'advertisement' }>, url: URL, hasCredential: boolean): Failure => {
  if (answer.kind === 'failure') return answer.failure;
  if (answer.kind === 'not-git')
    return fail('not-found', `${url.host} answers, but not with a git repository at this address. Check the path.`);
  if (answer.status === 401 || answer.status === 403) {
    return fail(
      'unauthorised',
      hasCredential
        ? `${url.host} refused the credential. Check that the token has not ended and may read this repository.`
        : `${url.host} wants a credential for this repository. Give a token that may read and push.`,
    );
  }
  if (answer.status === 404 || answer.status === 410)
    return fail(
      'not-found',
      `${url.host} knows no such repository${hasCredential ? ', or the token may not see it' : ', or it is private and needs a credential'}. Check the address and the token.`,
    );
  return fail('unreachable', `${url.host} answered with status ${answer.status}. Try again later.`);
};
const pushFailure = (answer: Exclude<Answer, { kind: 'advertisement' }>, url: URL, hasCredential: boolean): Failure => {
  if (answer.kind === 'failure') return answer.failure;
  if (answer.kind === 'status' && answer.status >= 500)
    return fail('unreachable', `${url.host} answered with status ${answer.status}. Try again later.`);
  return fail(
    'read-only',
    hasCredential
      ? `The repository can be read, but ${url.host} does not let this credential push. Give a token with write access to its contents.`
      : 'The repository can be read, but pushing needs a credential. Give a token with write access to its contents.',
  );
};

/** `probe` of the GitHost port for http(s) URLs. Never throws for what a repository or host does. */
export const createSmartHttpProbe =
  (options: SmartHttpProbeOptions): GitHost['probe'] =>
  async (gitUrl, credential) => {
    const base = URL.parse(gitUrl);
    if (base === null) return fail('not-allowed', 'Give the https URL of the repository.');
    const signal = AbortSignal.timeout(options.timeoutMs);
    const urlFor = (service: Service): URL => {
      const url = new URL(base);
      url.pathname = `${url.pathname.replace(/\/+$/, '')}/info/refs`;
      url.search = `?service=${service}`;
      url.hash = '';
      return url;
    };
    const read = await ask({ url: urlFor('git-upload-pack'), service: 'git-upload-pack', credential, options, signal });
    if (read.kind !== 'advertisement') return readFailure(read, base, credential !== undefined);
    const push = await ask({ url: urlFor('git-receive-pack'), service: 'git-receive-pack', credential, options, signal });
    if (push.kind !== 'advertisement') return pushFailure(push, base, credential !== undefined);
    return { ok: true, ...read.advertisement };
  };
