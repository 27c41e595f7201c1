// Settings as one table: what can be set, where, by whom, what it means, and which code reads it. The documents, the page and the checks
// of every change are made from it. A row without a reader is refused: give it `readBy` in the change that reads it.
import { z } from 'zod';
import { keylessModelRouteSchema } from './model.schema.ts';
import { flagSettings } from './settings/flags.ts';
import { modelSettings } from './settings/model-settings.ts';
import { settingScopes } from './settings/setting.ts';
import type { Setting, SettingRole, SettingScope } from './settings/setting.ts';
import { budgetSettings, peopleSettings, runtimeSettings } from './settings/town-settings.ts';
import { mergeSettings, workSettings } from './settings/work-settings.ts';

export { settingScopes };
export type { SettingRole, SettingScope };

export const settings = {
  ...modelSettings,
  ...mergeSettings,
  ...workSettings,
  ...budgetSettings,
  ...runtimeSettings,
  ...peopleSettings,
  ...flagSettings,
} as const;
type Table = typeof settings;
export type SettingKey = keyof Table;
export const isSettingKey = (key: string): key is SettingKey => Object.hasOwn(settings, key);
export const settingKeys: readonly SettingKey[] = Object.keys(settings).filter(isSettingKey);
/** A row without the types of its values. */
export const rowOf = (key: SettingKey): Setting => settings[key];

export type SettingValue<K extends SettingKey> = z.output<Table[K]['stored']>;
/** What one scope says, as it is stored. What is absent is for a wider scope to say. */
export type Settings = { readonly [K in SettingKey]?: SettingValue<K> | undefined };

type Part = 'input' | 'stored' | 'view';
type ShapeOf<P extends Part> = { [K in SettingKey]: z.ZodOptional<Table[K][P]> };
const shapeOf = <P extends Part>(part: P): ShapeOf<P> =>
  Object.fromEntries(settingKeys.map((key) => [key, settings[key][part].optional()])) as ShapeOf<P>;

/** Sections of configurations that were stored before settings had keys: `{ limits: { maxAgents } }` for `limits.maxAgents`. */
const oldSections = ['models', 'merge', 'limits', 'instructions'];
const flattened = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
      oldSections.includes(key) && typeof inner === 'object' && inner !== null
        ? Object.entries(inner).map(([name, each]: [string, unknown]) => [`${key}.${name}`, each])
        : [[key, inner]],
    ),
  );
};
/** Reads what is stored; keys that are no longer in the table are dropped. */
export const storedSettingsSchema = z.preprocess(flattened, z.object(shapeOf('stored')));
/** What a scope says, as people read it: secrets masked. */
export const settingsViewSchema = z.object(shapeOf('view'));
export type SettingsView = z.infer<typeof settingsViewSchema>;

/** Settings that were given when work was slung, as they are stored with the bead or convoy: never a secret. */
export const slungSettingsSchema = z.object({
  'models.default': keylessModelRouteSchema.optional(),
  'models.polecat': keylessModelRouteSchema.optional(),
  'models.small': settings['models.small'].stored.optional(),
  'merge.strategy': settings['merge.strategy'].stored.optional(),
  'convoy.mergeMode': settings['convoy.mergeMode'].stored.optional(),
  'convoy.staged': settings['convoy.staged'].stored.optional(),
  'limits.maxDispatchAttempts': settings['limits.maxDispatchAttempts'].stored.optional(),
  'limits.beadTimeoutMinutes': settings['limits.beadTimeoutMinutes'].stored.optional(),
  'budget.convoyUsd': settings['budget.convoyUsd'].stored.optional(),
  'budget.beadUsd': settings['budget.beadUsd'].stored.optional(),
});
export type SlungSettings = z.infer<typeof slungSettingsSchema>;

/** Edits that turn one text into the other, each a letter more, less or different. */
const distance = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [at, letter] of Array.from(one).entries()) {
    const next = [at + 1];
    for (let index = 1; index <= other.length; index += 1)
      next.push(Math.min((row[index] ?? 0) + 1, (next[index - 1] ?? 0) + 1, (row[index - 1] ?? 0) + (other[index - 1] === letter ? 0 : 1)));
    row = next;
  }
  return row[other.length] ?? 0;
};
const namesShown = 3;
const lastName = (key: string): string => key.slice(key.lastIndexOf('.') + 1);
/** Keys of the table that somebody may have meant, nearest first. */
export const nearKeys = (wrong: string): SettingKey[] => {
  const text = wrong.slice(0, 80).toLowerCase();
  return settingKeys
    .map((key) => ({
      key,
      steps: key.toLowerCase().startsWith(text)
        ? 0
        : Math.min(distance(text, key.toLowerCase()), 1 + distance(lastName(text), lastName(key).toLowerCase())),
    }))
    .filter(({ key, steps }) => steps <= Math.max(2, key.length / 3))
    .toSorted((one, other) => one.steps - other.steps)
    .slice(0, namesShown)
    .map(({ key }) => key);
};

const refusal = (scope: SettingScope, key: string): string => {
  if (!isSettingKey(key)) {
    const near = nearKeys(key);
    return `there is no setting ${key.slice(0, 80)}${near.length === 0 ? '; see docs/settings.md' : `; near it: ${near.join(', ')}`}`;
  }
  const row = rowOf(key);
  if (!row.scopes.includes(scope)) return `${key} cannot be set for a ${scope}; it can for: ${row.scopes.join(', ')}`;
  return 'waitsFor' in row.reader ? `${key} would have no effect: ${row.reader.waitsFor}` : `${key} cannot be set here`;
};

type PatchShape = { [K in SettingKey]: z.ZodOptional<z.ZodNullable<Table[K]['input']>> };
/**
 * A change of what a scope says. It has no defaults: what is absent stays, null takes the value away so that a wider scope's holds.
 * Names of settings that do not exist, do not fit the scope or have no reader are refused, each with its reason.
 */
export const settingsPatchSchema = (scope: SettingScope) => {
  const keys = settingKeys.filter((key) => rowOf(key).scopes.includes(scope) && 'readBy' in rowOf(key).reader);
  const shape = Object.fromEntries(keys.map((key) => [key, settings[key].input.nullable().optional()])) as PatchShape;
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? issue.keys.map((key) => refusal(scope, key)).join('; ') : undefined),
  });
};
export type SettingsPatch = z.output<ReturnType<typeof settingsPatchSchema>>;

/** What sling takes for one bead or one convoy. It is stored as it is: no null, no secret. */
export const slingSettingsSchema = (scope: 'bead' | 'convoy') =>
  slungSettingsSchema
    .partial()
    .strict()
    .superRefine((given, context) => {
      for (const key of settingKeys.filter((each) => Object.hasOwn(given, each)))
        if (!rowOf(key).scopes.includes(scope) || 'waitsFor' in rowOf(key).reader)
          context.addIssue({ code: 'custom', path: [key], message: refusal(scope, key), input: undefined });
    });

/** A row of the table as people and programs read it, with what holds. */
export const settingRowSchema = z.object({
  key: z.string(),
  sentence: z.string(),
  scopes: z.array(z.enum(settingScopes)),
  mayChange: z.enum(['admin', 'member', 'self']),
  /** Why it cannot be set yet; absent: it can. */
  waitsFor: z.string().optional(),
  /** JSON Schema of a value. */
  type: z.json(),
  default: z.json().optional(),
  value: z.json().optional(),
  from: z.enum([...settingScopes, 'built-in']),
});
export type SettingRow = z.infer<typeof settingRowSchema>;
