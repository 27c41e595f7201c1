// What a row of the settings table is. Knows zod and nothing else.
import type { z } from 'zod';

/** Where a value can be set, from the narrowest. `convoy` and `bead` are arguments of sling; `user` is a person's own. */
export const settingScopes = ['bead', 'persona', 'convoy', 'rig', 'user', 'town', 'organisation'] as const;
export type SettingScope = (typeof settingScopes)[number];
/** Who may change it: an admin or owner, any member, or the person for themselves. */
export type SettingRole = 'admin' | 'member' | 'self';

/** The code that reads it, or why nothing does yet: such a setting is refused, so that nobody relies on what has no effect. */
export type SettingReader = { readonly readBy: `functions/${string}.ts` | `container/${string}.ts` } | { readonly waitsFor: string };

export interface Setting<I extends z.ZodType = z.ZodType, S extends z.ZodType = z.ZodType, V extends z.ZodType = z.ZodType, D = unknown> {
  /** As it comes in. */
  readonly input: I;
  /** As it is stored: secrets by reference. Never stricter than what was once stored. */
  readonly stored: S;
  /** As people read it: secrets masked. */
  readonly view: V;
  /** What holds when no scope says anything; undefined: nothing. */
  readonly default: D;
  readonly scopes: readonly SettingScope[];
  readonly mayChange: SettingRole;
  readonly sentence: string;
  readonly reader: SettingReader;
}

type Row = Pick<Setting, 'scopes' | 'sentence'> & { readonly mayChange?: SettingRole } & SettingReader;
const described = (row: Row): Pick<Setting, 'scopes' | 'mayChange' | 'sentence' | 'reader'> => ({
  scopes: row.scopes,
  mayChange: row.mayChange ?? 'admin',
  sentence: row.sentence,
  reader: 'readBy' in row ? { readBy: row.readBy } : { waitsFor: row.waitsFor },
});

/** A row whose value is stored and read as it comes in. */
export const plain = <T extends z.ZodType, D extends z.output<T> | undefined>(
  schema: T,
  row: Row & { readonly default: D },
): Setting<T, T, T, DefaultOf<D, T>> => ({
  input: schema,
  stored: schema,
  view: schema,
  default: row.default as DefaultOf<D, T>,
  ...described(row),
});

/** A row with a part that only the secrets hold. */
export const sealed = <I extends z.ZodType, S extends z.ZodType, V extends z.ZodType, D extends z.output<S> | undefined>(
  schemas: { readonly input: I; readonly stored: S; readonly view: V },
  row: Row & { readonly default: D },
): Setting<I, S, V, DefaultOf<D, S>> => ({ ...schemas, default: row.default as DefaultOf<D, S>, ...described(row) });

/** A default has the type of its setting; whether there is one is part of the type. */
type DefaultOf<D, S extends z.ZodType> = [D] extends [undefined] ? undefined : z.output<S>;
