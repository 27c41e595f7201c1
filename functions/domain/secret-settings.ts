// Settings with a part that only the secrets hold: how it is kept out of what is stored and read, and how a mask that is sent back stands
// for what is stored. Pure.
import type { ModelRoute, ModelRouteView, ResolvedModelRoute, StoredModelProvider, StoredModelRoute } from '../contracts/model.schema.ts';
import type { StoredEnv } from '../contracts/settings/environment.ts';
import type { StoredChannels } from '../contracts/settings/notify.ts';
import { settingKeys } from '../contracts/settings.schema.ts';
import type { SettingKey, Settings, SettingsPatch, SettingsView } from '../contracts/settings.schema.ts';

const maskMark = '****';
/** What people see of a secret: its last four characters, none of a short one. */
const maskOf = (secret: string): string => `${maskMark}${secret.length >= 12 ? secret.slice(-4) : ''}`;
const isMasked = (text: string): boolean => text.startsWith(maskMark);

export const routeKeys = ['models.default', 'models.mayor', 'models.polecat', 'models.refinery', 'models.triage'] as const;
export type RouteKey = (typeof routeKeys)[number];
type Destination = StoredModelRoute | StoredModelProvider;
type Keyed<R> = Extract<R, { kind: 'openai-compatible' | 'opencode-provider' }>;
const isKeyed = <R extends { readonly kind: string }>(route: R | undefined): route is Keyed<R> =>
  route?.kind === 'openai-compatible' || route?.kind === 'opencode-provider';
const destinationOf = (route: Keyed<ModelRouteView | Destination>): string =>
  route.kind === 'openai-compatible' ? `url ${route.baseUrl}` : `provider ${route.provider}`;

/** Name of the secret that holds the route's key; undefined when it has none. */
export const keyRefOf = (route: Destination): string | undefined => (isKeyed(route) ? route.keyRef : undefined);
/** The route with the key of another one, when it has none itself and both go to the same place. */
export const withKeyOf = (route: ResolvedModelRoute, other: ResolvedModelRoute): ResolvedModelRoute => {
  if (!isKeyed(route) || !isKeyed(other) || route.keyRef !== undefined || destinationOf(route) !== destinationOf(other)) return route;
  return { ...route, keyRef: other.keyRef, keyMask: other.keyMask };
};
const withoutRef = <R extends Keyed<Destination>>({ keyRef: _ref, keyMask: _mask, ...rest }: R): Omit<R, 'keyRef' | 'keyMask'> => rest;
/** The route as it leaves the store, with this key. A route that takes no key gets none. */
export const routeWithKey = (route: ResolvedModelRoute, apiKey: string | undefined): ModelRoute => {
  if (!isKeyed(route)) return route;
  const { keyRef: _ref, keyMask: _mask, ...rest } = route;
  return apiKey === undefined ? rest : { ...rest, apiKey };
};
const masked = <R extends Destination>(route: R) =>
  isKeyed(route) ? { ...withoutRef(route), ...(route.keyMask === undefined ? {} : { apiKey: route.keyMask }) } : route;

/** Names of all secrets that these settings refer to; settings may share one. */
export const secretRefsOf = (said: Settings | undefined): ReadonlySet<string> => {
  const routes = [...routeKeys.map((key) => said?.[key]), said?.['models.provider']];
  return new Set([
    ...routes.flatMap((route) => (route === undefined ? [] : (keyRefOf(route) ?? []))),
    ...(said?.env ?? []).flatMap((variable) => (variable.secret ? [variable.valueRef] : [])),
    ...(said?.['notify.channels'] ?? []).flatMap((channel) => channelRefOf(channel) ?? []),
  ]);
};

/** What a scope says, every secret masked. */
export const maskedSettings = (said: Settings): SettingsView => {
  const view: Record<string, unknown> = {};
  for (const key of settingKeys) {
    const value = said[key];
    if (value !== undefined) view[key] = value;
  }
  for (const key of [...routeKeys, 'models.provider'] as const) {
    const route = said[key];
    if (route !== undefined) view[key] = masked(route);
  }
  if (said['notify.channels'] !== undefined) view['notify.channels'] = said['notify.channels'].map(maskedChannel);
  if (said.env !== undefined)
    view['env'] = said.env.map(({ name, ...rest }) => ({ name, value: rest.secret ? rest.valueMask : rest.value, secret: rest.secret }));
  return view;
};

/** A secret that a change brings, and the name under which it must be kept before the change is stored. */
export interface FreshSecret {
  readonly ref: string;
  readonly value: string;
}
export type Changed =
  | { readonly ok: true; readonly settings: Settings; readonly fresh: readonly FreshSecret[]; readonly keys: readonly SettingKey[] }
  | { readonly ok: false; readonly path: string; readonly message: string };
/** Names the secret for a part of a setting, e.g. `models/polecat` or `env/NPM_TOKEN`: a name that no secret has yet. */
export type NameOf = (part: string) => string;

type Sealed<T> =
  | { readonly ok: true; readonly value: T; readonly fresh: readonly FreshSecret[] }
  | { readonly ok: false; readonly path: string; readonly message: string };

type RouteInput = NonNullable<SettingsPatch[RouteKey] | SettingsPatch['models.provider']>;
/**
 * The route to store. A masked key stands for the stored one, but only for the destination that the key was given for: it cannot be sent
 * elsewhere unseen. An empty key is none.
 */
const sealedRoute = (key: string, route: RouteInput, stored: Destination | undefined, ref: string): Sealed<unknown> => {
  if (!isKeyed(route)) return { ok: true, value: route, fresh: [] };
  const { apiKey, ...rest } = route;
  const path = `body.${key}.apiKey`;
  if (apiKey === undefined || apiKey === '') return { ok: true, value: rest, fresh: [] };
  if (!isMasked(apiKey)) return { ok: true, value: { ...rest, keyRef: ref, keyMask: maskOf(apiKey) }, fresh: [{ ref, value: apiKey }] };
  if (!isKeyed(stored) || stored.keyRef === undefined || stored.keyMask !== apiKey)
    return { ok: false, path, message: 'this is the mask of another key; give the whole key' };
  if (destinationOf(stored) !== destinationOf(route))
    return { ok: false, path, message: 'the key was given for another address; give the whole key again' };
  return { ok: true, value: { ...rest, keyRef: stored.keyRef, keyMask: stored.keyMask }, fresh: [] };
};

/** The variables to store. A mask stands for the stored value of the same variable. */
const sealedEnv = (given: NonNullable<SettingsPatch['env']>, stored: StoredEnv | undefined, nameOf: NameOf): Sealed<StoredEnv> => {
  const value: StoredEnv = [];
  const fresh: FreshSecret[] = [];
  for (const [index, variable] of given.entries()) {
    const { name } = variable;
    const known = stored?.find((each) => each.name === name);
    const kept = known?.secret === true && known.valueMask === variable.value ? known : undefined;
    if (!variable.secret && !isMasked(variable.value)) value.push({ name, secret: false, value: variable.value });
    else if (kept !== undefined && variable.secret) value.push(kept);
    else if (isMasked(variable.value))
      return { ok: false, path: `body.env.${index}.value`, message: `this is the mask of another value; give the whole value of ${name}` };
    else {
      const ref = nameOf(`env/${name}`);
      value.push({ name, secret: true, valueRef: ref, valueMask: maskOf(variable.value) });
      fresh.push({ ref, value: variable.value });
    }
  }
  return { ok: true, value, fresh };
};

type Channel = StoredChannels[number];
type ChannelInput = NonNullable<SettingsPatch['notify.channels']>[number];
/** Name of the secret that a channel needs. */
export const channelRefOf = (channel: Channel): string | undefined => {
  if (channel.kind === 'slack') return channel.urlRef;
  return channel.kind === 'webhook' ? channel.secretRef : undefined;
};
const maskedChannel = (channel: Channel): unknown => {
  if (channel.kind === 'slack') {
    const { urlRef: _ref, urlMask: url, ...rest } = channel;
    return { ...rest, url };
  }
  if (channel.kind !== 'webhook') return channel;
  const { secretRef: _ref, secretMask: secret, ...rest } = channel;
  return secret === undefined ? rest : { ...rest, secret };
};
/** The stored channel that a mask stands for: one of the same kind, and of a webhook the same address. */
const keptChannel = (given: ChannelInput, stored: StoredChannels): Channel | undefined =>
  stored.find((channel) => {
    if (given.kind === 'slack') return channel.kind === 'slack' && channel.urlMask === given.url;
    return given.kind === 'webhook' && channel.kind === 'webhook' && channel.url === given.url && channel.secretMask === given.secret;
  });
const secretIn = (given: ChannelInput): string | undefined => {
  if (given.kind === 'slack') return given.url;
  return given.kind === 'webhook' ? given.secret : undefined;
};
const onlyOf = (given: ChannelInput): { readonly only?: 'critical' } =>
  given.kind !== 'ui' && given.only !== undefined ? { only: given.only } : {};
const withoutSecret = (given: ChannelInput): Channel => {
  if (given.kind === 'webhook') return { kind: 'webhook', url: given.url, ...onlyOf(given) };
  return given.kind === 'email' ? { kind: 'email', ...onlyOf(given) } : { kind: 'ui' };
};
const sealedChannel = (given: ChannelInput, ref: string, secretMask: string): Channel => {
  if (given.kind === 'slack') return { kind: 'slack', urlRef: ref, urlMask: secretMask, ...onlyOf(given) };
  return given.kind === 'webhook'
    ? { kind: 'webhook', url: given.url, secretRef: ref, secretMask, ...onlyOf(given) }
    : withoutSecret(given);
};

/** The channels to store. A mask stands for the stored secret of the same channel. */
const sealedChannels = (given: readonly ChannelInput[], stored: StoredChannels, nameOf: NameOf): Sealed<StoredChannels> => {
  const value: StoredChannels = [];
  const fresh: FreshSecret[] = [];
  for (const [index, channel] of given.entries()) {
    const secret = secretIn(channel);
    const kept = keptChannel(channel, stored);
    if (secret === undefined) value.push(withoutSecret(channel));
    else if (!isMasked(secret)) {
      const ref = nameOf(`notify/${index}`);
      value.push(sealedChannel(channel, ref, maskOf(secret)));
      fresh.push({ ref, value: secret });
    } else if (kept === undefined) {
      return { ok: false, path: `body.notify.channels.${index}`, message: 'this is the mask of another secret; give the whole one' };
    } else value.push(sealedChannel(channel, channelRefOf(kept) ?? '', secret));
  }
  return { ok: true, value, fresh };
};

/** A role without a route of its own uses the default's; a client that edits what it saw sends that one's mask. */
const storedRoute = (said: Settings, key: RouteKey | 'models.provider'): Destination | undefined =>
  key === 'models.provider' ? said[key] : (said[key] ?? said['models.default']);

/**
 * What a scope says after a change: what is absent stays, null takes away. Not ok when a mask cannot stand for a stored secret.
 * The patch has been checked against the table.
 */
export const changedSettings = (said: Settings, patch: SettingsPatch, nameOf: NameOf): Changed => {
  const next = new Map<string, unknown>(Object.entries(said));
  const fresh: FreshSecret[] = [];
  const keys: SettingKey[] = [];
  for (const key of settingKeys) {
    const value = patch[key];
    if (value === undefined) continue;
    keys.push(key);
    if (value === null) next.delete(key);
    else next.set(key, value);
  }
  const take = (key: SettingKey, sealed: Sealed<unknown>): Sealed<unknown> => {
    if (sealed.ok) {
      next.set(key, sealed.value);
      fresh.push(...sealed.fresh);
    }
    return sealed;
  };
  for (const key of [...routeKeys, 'models.provider'] as const) {
    const route = patch[key];
    if (route === undefined || route === null) continue;
    const sealed = take(key, sealedRoute(key, route, storedRoute(said, key), nameOf(key.replace('.', '/'))));
    if (!sealed.ok) return sealed;
  }
  if (patch.env !== undefined && patch.env !== null) {
    const sealed = take('env', sealedEnv(patch.env, said.env, nameOf));
    if (!sealed.ok) return sealed;
  }
  const channels = patch['notify.channels'];
  if (channels !== undefined && channels !== null) {
    const sealed = take('notify.channels', sealedChannels(channels, said['notify.channels'] ?? [], nameOf));
    if (!sealed.ok) return sealed;
  }
  return { ok: true, settings: storedSettings(next), fresh, keys };
};
/** Each value has the type of its key by construction. */
const storedSettings = (values: ReadonlyMap<string, unknown>): Settings => Object.fromEntries(values) as Settings;
