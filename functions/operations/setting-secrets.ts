// Secrets that settings refer to. Put before the settings name them, removed when nothing names them any more.
import { secretRefsOf } from '../domain/secret-settings.ts';
import type { FreshSecret } from '../domain/secret-settings.ts';
import type { Settings } from '../contracts/settings.schema.ts';
import type { Ports } from '../ports.ts';

/** Whose settings change: a town, a rig, an organisation. */
export interface SecretOwner {
  /** Begins the names of its secrets, e.g. `towns/t-4f9k2m1q`. */
  readonly prefix: string;
  /** What is stored now; undefined when the owner is gone. */
  readonly stored: () => Promise<Settings | undefined>;
}

/** One change of secrets. */
export interface SecretChange {
  /** Name of the secret for a part of a setting: the same in every try of this change, and of no other change. */
  nameOf(owner: SecretOwner, part: string): string;
  /** Puts secrets aside; nothing points to them until the settings are stored. */
  put(owner: SecretOwner, secrets: readonly FreshSecret[]): Promise<void>;
  /** Says which secrets the owner will not name any more. */
  letGo(owner: SecretOwner, before: Settings, after: Settings): void;
}

/** Secrets by the prefix of their owner, as a change has touched them. */
type Touched = Map<string, { readonly owner: SecretOwner; readonly refs: Set<string> }>;

/** What is stored decides, not the change: others may have been faster, and an answer of the store may have been lost. */
const removeUnnamed = async (ports: Pick<Ports, 'secrets' | 'log'>, touched: Touched): Promise<void> => {
  for (const { owner, refs } of touched.values()) {
    try {
      const named = secretRefsOf(await owner.stored());
      for (const ref of refs) if (!named.has(ref)) await ports.secrets.remove(ref);
    } catch (error) {
      // The change itself is done or refused; what is left behind is a secret that nothing names.
      ports.log.warn('secret_left_behind', { owner: owner.prefix, error: error instanceof Error ? error.name : 'unknown' });
    }
  }
};

/**
 * Runs a change of settings that may bring secrets. Afterwards every secret that it put or let go of and that the stored settings do not name
 * is removed, so that a change that is lost leaves nothing; a kill may leave a secret that nothing names. Throws what `act` throws.
 */
export const changingSecrets = async <T>(
  ports: Pick<Ports, 'secrets' | 'ids' | 'log'>,
  act: (change: SecretChange) => Promise<T>,
): Promise<T> => {
  const stamp = ports.ids.base36(16);
  const touched: Touched = new Map();
  const touch = (owner: SecretOwner, ref: string): void => {
    const known = touched.get(owner.prefix) ?? { owner, refs: new Set() };
    known.refs.add(ref);
    touched.set(owner.prefix, known);
  };
  try {
    return await act({
      nameOf: (owner, part) => `${owner.prefix}/${part}-${stamp}`,
      put: async (owner, secrets) => {
        for (const { ref, value } of secrets) {
          // Put by an earlier try of this change.
          if (touched.get(owner.prefix)?.refs.has(ref) === true) continue;
          touch(owner, ref);
          await ports.secrets.put(ref, value);
        }
      },
      letGo: (owner, before, after) => {
        const kept = secretRefsOf(after);
        for (const ref of secretRefsOf(before)) if (!kept.has(ref)) touch(owner, ref);
      },
    });
  } finally {
    await removeUnnamed(ports, touched);
  }
};

/** Secrets by their names, each read once. One that is gone is not in the answer. */
export const secretsOf = async (
  ports: Pick<Ports, 'secrets'>,
  wanted: readonly string[],
): Promise<{ readonly values: ReadonlyMap<string, string>; readonly missing: readonly string[] }> => {
  const refs = [...new Set(wanted)];
  const values = new Map<string, string>();
  await Promise.all(
    refs.map(async (ref) => {
      const value = await ports.secrets.get(ref);
      if (value !== undefined) values.set(ref, value);
    }),
  );
  return { values, missing: refs.filter((ref) => !values.has(ref)) };
};
