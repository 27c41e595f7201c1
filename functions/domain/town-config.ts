// The town's configuration: its defaults, how a partial update is applied, and how keys are kept out of what is stored and read. Pure.
import type { ModelRoute, StoredModelRoute, StoredTownConfig, TownConfig, TownConfigPatch } from '../contracts/town.schema.ts';

/** Default of deployments whose models come from Amazon Bedrock: a Claude inference profile that works in every commercial region. */
const bedrockModel = 'global.anthropic.claude-sonnet-4-5-20250929-v1:0';

/** A new town's configuration. Figures: the product's settings table. */
export const defaultConfig = (defaultModel: 'scripted' | 'bedrock'): StoredTownConfig => ({
  models: { default: defaultModel === 'scripted' ? { kind: 'scripted' } : { kind: 'bedrock', model: bedrockModel } },
  merge: { codeReview: true, maxReworkRounds: 3, maxConflictRounds: 3 },
  limits: { maxPolecatsPerRig: 5, maxAgents: 12, maxDispatchAttempts: 5 },
  instructions: {},
});

const maskMark = '****';
/** What people see of a key: its last four characters, none of a short one. */
const maskOf = (key: string): string => `${maskMark}${key.length >= 12 ? key.slice(-4) : ''}`;
const isMasked = (key: string): boolean => key.startsWith(maskMark);

type Keyed<R> = Extract<R, { kind: 'openai-compatible' | 'opencode-provider' }>;
const isKeyed = <R extends ModelRoute | StoredModelRoute>(route: R | undefined): route is Keyed<R> =>
  route?.kind === 'openai-compatible' || route?.kind === 'opencode-provider';
const destinationOf = (route: Keyed<ModelRoute | StoredModelRoute>): string =>
  route.kind === 'openai-compatible' ? `url ${route.baseUrl}` : `provider ${route.provider}`;

/** Name of the secret that holds the route's key; undefined when it has none. */
export const keyRefOf = (route: StoredModelRoute): string | undefined => (isKeyed(route) ? route.keyRef : undefined);
/** The route as it leaves the store, with this key or mask. A route that takes no key gets none. */
export const routeWithKey = (route: StoredModelRoute, apiKey: string | undefined): ModelRoute => {
  if (!isKeyed(route)) return route;
  const { keyRef: _ref, keyMask: _mask, ...rest } = route;
  return apiKey === undefined ? rest : { ...rest, apiKey };
};
const maskedRoute = (route: StoredModelRoute): ModelRoute => routeWithKey(route, isKeyed(route) ? route.keyMask : undefined);

const roles = ['default', 'mayor', 'polecat', 'refinery'] as const;
export type ModelRole = (typeof roles)[number];

/** Names of all secrets that the configuration refers to; roles may share one. */
export const keyRefsOf = (config: StoredTownConfig): ReadonlySet<string> =>
  new Set(
    roles.flatMap((role) => {
      const route = config.models[role];
      const ref = route === undefined ? undefined : keyRefOf(route);
      return ref === undefined ? [] : [ref];
    }),
  );

/** The configuration with every key masked. */
export const maskedConfig = (config: StoredTownConfig): TownConfig => {
  const models: TownConfig['models'] = { default: maskedRoute(config.models.default) };
  for (const role of roles) {
    const route = config.models[role];
    if (route !== undefined) models[role] = maskedRoute(route);
  }
  return { ...config, models };
};

/** A key that a patch brings, and the name of the secret that must hold it before the configuration is stored. */
export interface FreshKey {
  readonly keyRef: string;
  readonly key: string;
}
export type PatchResult =
  | { readonly ok: true; readonly config: StoredTownConfig; readonly fresh: readonly FreshKey[] }
  | { readonly ok: false; readonly path: string; readonly message: string };

type RouteResult =
  | { readonly ok: true; readonly route: StoredModelRoute; readonly fresh?: FreshKey }
  | { readonly ok: false; readonly message: string };
/**
 * The route to store. A masked key stands for the stored one, but only for the destination that the key was given for: it cannot be sent
 * elsewhere unseen. An empty key is none.
 */
const routeToStore = (route: ModelRoute, stored: StoredModelRoute | undefined, keyRef: string): RouteResult => {
  if (!isKeyed(route)) return { ok: true, route };
  const { apiKey, ...rest } = route;
  if (apiKey === undefined || apiKey === '') return { ok: true, route: rest };
  if (!isMasked(apiKey)) return { ok: true, route: { ...rest, keyRef, keyMask: maskOf(apiKey) }, fresh: { keyRef, key: apiKey } };
  if (!isKeyed(stored) || stored.keyRef === undefined || stored.keyMask !== apiKey)
    return { ok: false, message: 'this is the mask of another key; give the whole key' };
  if (destinationOf(stored) !== destinationOf(route))
    return { ok: false, message: 'the key was given for another address; give the whole key again' };
  return { ok: true, route: { ...rest, keyRef: stored.keyRef, keyMask: stored.keyMask } };
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

/**
 * The stored configuration with the patch on top. `nameOf` names the secret for a role's key, should the patch bring one: a name that no
 * secret has yet. Not ok when a masked key cannot stand for a stored one.
 */
export const patchedConfig = (stored: StoredTownConfig, patch: TownConfigPatch, nameOf: (role: ModelRole) => string): PatchResult => {
  const models: StoredTownConfig['models'] = { ...stored.models };
  const fresh: FreshKey[] = [];
  for (const role of roles) {
    const route = patch.models?.[role];
    if (route === undefined) continue;
    const result = routeToStore(route, storedRoute(stored, role), nameOf(role));
    if (!result.ok) return { ok: false, path: `body.models.${role}.apiKey`, message: result.message };
    models[role] = result.route;
    if (result.fresh !== undefined) fresh.push(result.fresh);
  }
  return {
    ok: true,
    config: {
      models,
      merge: overlaid(stored.merge, patch.merge),
      limits: overlaid(stored.limits, patch.limits),
      instructions: overlaid(stored.instructions, patch.instructions),
    },
    fresh,
  };
};
/** A role without a route of its own uses the default's; a client that edits what it saw sends that one's mask. */
const storedRoute = (config: StoredTownConfig, role: ModelRole): StoredModelRoute | undefined =>
  config.models[role] ?? config.models.default;
