// Where a model call really goes and with which key, by the assignment's route. The agent's own request carries neither.
import type { ModelRoute } from '../../../functions/contracts/model.schema.ts';
import type { AwsCredentials } from './sigv4.ts';
import { sign } from './sigv4.ts';

export interface Upstream {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}
export interface UpstreamCall {
  readonly route: ModelRoute;
  /** Path below the door, e.g. `/chat/chat/completions`. */ readonly rest: string;
  readonly method: string;
  readonly body: Uint8Array;
  readonly nowMs: number;
}
export interface UpstreamSources {
  readonly scriptedModelUrl: string | undefined;
  readonly awsCredentials: () => Promise<AwsCredentials>;
}

/** The route cannot be used as it is configured; not retryable, a person changes the town's model settings. */
export class ModelRouteError extends Error {
  override readonly name = 'ModelRouteError';
}

type KeyHeader = 'bearer' | 'x-api-key' | 'x-goog-api-key';
/** Public addresses of providers that opencode knows by name (source: models.dev and the providers' API references). */
const providers: Readonly<Record<string, { readonly baseUrl: string; readonly key: KeyHeader }>> = {
  anthropic: { baseUrl: 'https://api.anthropic.com/v1', key: 'x-api-key' },
  openai: { baseUrl: 'https://api.openai.com/v1', key: 'bearer' },
  google: { baseUrl: 'https://generativelanguage.googleapis.com/v1beta', key: 'x-goog-api-key' },
  openrouter: { baseUrl: 'https://openrouter.ai/api/v1', key: 'bearer' },
  mistral: { baseUrl: 'https://api.mistral.ai/v1', key: 'bearer' },
  groq: { baseUrl: 'https://api.groq.com/openai/v1', key: 'bearer' },
  xai: { baseUrl: 'https://api.x.ai/v1', key: 'bearer' },
  deepseek: { baseUrl: 'https://api.deepseek.com', key: 'bearer' },
  togetherai: { baseUrl: 'https://api.together.xyz/v1', key: 'bearer' },
  cerebras: { baseUrl: 'https://api.cerebras.ai/v1', key: 'bearer' },
  moonshotai: { baseUrl: 'https://api.moonshot.ai/v1', key: 'bearer' },
  zai: { baseUrl: 'https://api.z.ai/api/paas/v4', key: 'bearer' },
};
export const knownProviders = Object.keys(providers);

const keyHeaders = (kind: KeyHeader, key: string | undefined): Record<string, string> => {
  if (key === undefined) return {};
  return kind === 'bearer' ? { authorization: `Bearer ${key}` } : { [kind]: key };
};
const below = (rest: string, door: string): string => {
  // fetch would resolve dot segments and leave the path that the route names.
  const path = rest.split(/[?#]/, 1)[0] ?? '';
  if (/(^|[/\\])(\.|%2e){1,2}($|[/\\])/i.test(path)) throw new ModelRouteError('The path of a model call holds no dot segments.');
  if (!rest.startsWith(`${door}/`)) throw new ModelRouteError(`This agent's model is reached under ${door}/, not ${rest.slice(0, 80)}.`);
  return rest.slice(door.length);
};
const joined = (base: string, path: string): string => `${base.replace(/\/$/, '')}${path}`;

export const upstreamOf = async (call: UpstreamCall, sources: UpstreamSources): Promise<Upstream> => {
  const { route } = call;
  switch (route.kind) {
    case 'scripted':
      if (sources.scriptedModelUrl === undefined)
        throw new ModelRouteError(
          'This town is set to the scripted model, but no scripted model server runs here. Set a model in the town settings.',
        );
      return { url: joined(sources.scriptedModelUrl, below(call.rest, '/chat')), headers: {} };
    case 'openai-compatible':
      if (/^(169\.254\.|\[fd00:ec2:|\[fe80:|\[::ffff:a9fe:)/.test(new URL(route.baseUrl).hostname))
        throw new ModelRouteError('The model address leads to the machine itself; set the address of a model in the town settings.');
      return { url: joined(route.baseUrl, below(call.rest, '/chat')), headers: keyHeaders('bearer', route.apiKey) };
    case 'bedrock': {
      const region = route.region ?? 'us-east-1';
      const url = new URL(joined(`https://bedrock-runtime.${region}.amazonaws.com`, below(call.rest, '/bedrock')));
      const headers = { 'content-type': 'application/json' };
      // fetch writes the host header itself, the same one that was signed.
      const { host: _host, ...signed } = sign(
        { method: call.method, url, headers, body: call.body, region, service: 'bedrock', nowMs: call.nowMs },
        await sources.awsCredentials(),
      );
      return { url: url.href, headers: signed };
    }
    case 'opencode-provider': {
      const provider = providers[route.provider];
      if (provider === undefined)
        throw new ModelRouteError(
          `The provider "${route.provider}" has no known address. Use one of ${knownProviders.join(', ')}, or kind "openai-compatible" with its baseUrl.`,
        );
      return { url: joined(provider.baseUrl, below(call.rest, '/provider')), headers: keyHeaders(provider.key, route.apiKey) };
    }
    default:
      return route satisfies never;
  }
};
