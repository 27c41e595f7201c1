// The town's configuration: its defaults, how a partial update is applied, and how stored keys are kept from being read back. Pure.
import type { ModelRoute, TownConfig, TownConfigPatch } from '../contracts/town.schema.ts';

/** Default of deployments whose models come from Amazon Bedrock: a Claude inference profile that works in every commercial region. */
const bedrockModel = 'global.anthropic.claude-sonnet-4-5-20250929-v1:0';

/** A new town's configuration. Figures: the product's settings table. */
export const defaultConfig = (defaultModel: 'scripted' | 'bedrock'): TownConfig => ({
  models: { default: defaultModel === 'scripted' ? { kind: 'scripted' } : { kind: 'bedrock', model: bedrockModel } },
  merge: { codeReview: true, maxReworkRounds: 3, maxConflictRounds: 3 },
  limits: { maxPolecatsPerRig: 5, maxAgents: 12, maxDispatchAttempts: 5 },
  instructions: {},
});

const maskMark = '****';
/** What people see of a stored key: its last four characters, none of a short one. */
const maskedKey = (key: string): string => (key.startsWith(maskMark) ? key : `${maskMark}${key.length >= 12 ? key.slice(-4) : ''}`);
const isMasked = (key: string): boolean => key.startsWith(maskMark);

type KeyedRoute = Extract<ModelRoute, { kind: 'openai-compatible' | 'opencode-provider' }>;
const isKeyed = (route: ModelRoute | undefined): route is KeyedRoute =>
  route?.kind === 'openai-compatible' || route?.kind === 'opencode-provider';
const destinationOf = (route: KeyedRoute): string =>
  route.kind === 'openai-compatible' ? `url ${route.baseUrl}` : `provider ${route.provider}`;

const maskedRoute = (route: ModelRoute): ModelRoute =>
  isKeyed(route) && route.apiKey !== undefined ? { ...route, apiKey: maskedKey(route.apiKey) } : route;

const roles = ['default', 'mayor', 'polecat', 'refinery'] as const;
type Role = (typeof roles)[number];

/** The configuration with every key masked. */
export const maskedConfig = (config: TownConfig): TownConfig => {
  const models: TownConfig['models'] = { default: maskedRoute(config.models.default) };
  for (const role of roles) {
    const route = config.models[role];
    if (route !== undefined) models[role] = maskedRoute(route);
  }
  return { ...config, models };
};

export type PatchResult =
  | { readonly ok: true; readonly config: TownConfig }
  | { readonly ok: false; readonly path: string; readonly message: string };

type RouteResult = { readonly ok: true; readonly route: ModelRoute } | { readonly ok: false; readonly message: string };
/** A masked key stands for the stored one, but only for the destination that the key was given for: it cannot be sent elsewhere unseen. */
const withStoredKey = (route: ModelRoute, stored: ModelRoute | undefined): RouteResult => {
  if (!isKeyed(route) || route.apiKey === undefined || !isMasked(route.apiKey)) return { ok: true, route };
  const key = isKeyed(stored) ? stored.apiKey : undefined;
  if (key === undefined || maskedKey(key) !== route.apiKey)
    return { ok: false, message: 'this is the mask of another key; give the whole key' };
  if (!isKeyed(stored) || destinationOf(stored) !== destinationOf(route))
    return { ok: false, message: 'the key was given for another address; give the whole key again' };
  return { ok: true, route: { ...route, apiKey: key } };
};

/** Keeps what the patch does not name; applies no defaults. */
const overlaid = <T extends object>(stored: T, patch: { readonly [K in keyof T]?: T[K] | undefined } | undefined): T => {
  const result: T = { ...stored };
  if (patch === undefined) return result;
  for (const key in patch) {
    const value = patch[key];
    if (value !== undefined) result[key] = value;
  }
  return result;
};

/** The stored configuration with the patch on top. Not ok when a masked key cannot stand for a stored one. */
export const patchedConfig = (stored: TownConfig, patch: TownConfigPatch): PatchResult => {
  const models: TownConfig['models'] = { ...stored.models };
  for (const role of roles) {
    const route = patch.models?.[role];
    if (route === undefined) continue;
    const kept = withStoredKey(route, storedRoute(stored, role));
    if (!kept.ok) return { ok: false, path: `body.models.${role}.apiKey`, message: kept.message };
    models[role] = kept.route;
  }
  return {
    ok: true,
    config: {
      models,
      merge: overlaid(stored.merge, patch.merge),
      limits: overlaid(stored.limits, patch.limits),
      instructions: overlaid(stored.instructions, patch.instructions),
    },
  };
};
/** A role without a route of its own uses the default's; a client that edits what it saw sends that one's mask. */
const storedRoute = (config: TownConfig, role: Role): ModelRoute | undefined => config.models[role] ?? config.models.default;
