// Keys of models: secrets that a town's configuration refers to. Put before the town names them, removed when it has let go of them.
import type { StoredModelRoute, StoredTownConfig } from '../contracts/town.schema.ts';
import type { FreshKey, ModelRole } from '../domain/town-config.ts';
import { keyRefOf, keyRefsOf } from '../domain/town-config.ts';
import type { Ports } from '../ports.ts';

/** One change of a town's keys. */
export interface KeyChange {
  /** Name of the secret for a role's key: the same in every try of this change, and of no other change. */
  nameOf(townId: string, role: ModelRole): string;
  /** Puts keys aside; nothing points to them until the town is stored. */
  put(townId: string, keys: readonly FreshKey[]): Promise<void>;
  /** Says which secrets the town will not name any more. */
  letGo(townId: string, before: StoredTownConfig, after: StoredTownConfig): void;
}

/** Secrets by town, as a change has touched them. */
type Touched = Map<string, Set<string>>;

/** The stored town decides, not the change: others may have been faster, and an answer of the store may have been lost. */
const removeUnnamed = async (ports: Pick<Ports, 'store' | 'secrets' | 'log'>, touched: Touched): Promise<void> => {
  for (const [townId, keyRefs] of touched) {
    try {
      const town = await ports.store.get('town', { townId });
      const named: ReadonlySet<string> = town === undefined ? new Set() : keyRefsOf(town.config);
      for (const keyRef of keyRefs) if (!named.has(keyRef)) await ports.secrets.remove(keyRef);
    } catch (error) {
      // The change itself is done or refused; what is left behind is a secret that nothing names.
      ports.log.warn('model_key_left_behind', { townId, error: error instanceof Error ? error.name : 'unknown' });
    }
  }
};

/**
 * Runs a change of a town's keys. Afterwards every secret that it put or let go of and that the stored town does not name is removed, so that
 * a change that is lost leaves nothing; a kill may leave a secret that nothing names. Throws what `act` throws.
 */
export const changingKeys = async <T>(
  ports: Pick<Ports, 'store' | 'secrets' | 'ids' | 'log'>,
  act: (change: KeyChange) => Promise<T>,
): Promise<T> => {
  const stamp = ports.ids.base36(16);
  const touched: Touched = new Map();
  const touch = (townId: string, keyRef: string): void => {
    touched.set(townId, (touched.get(townId) ?? new Set()).add(keyRef));
  };
  try {
    return await act({
      nameOf: (townId, role) => `towns/${townId}/models/${role}-${stamp}`,
      put: async (townId, keys) => {
        for (const { keyRef, key } of keys) {
          // Put by an earlier try of this change.
          if (touched.get(townId)?.has(keyRef) === true) continue;
          touch(townId, keyRef);
          await ports.secrets.put(keyRef, key);
        }
      },
      letGo: (townId, before, after) => {
        const kept = keyRefsOf(after);
        for (const keyRef of keyRefsOf(before)) if (!kept.has(keyRef)) touch(townId, keyRef);
      },
    });
  } finally {
    await removeUnnamed(ports, touched);
  }
};

/** The keys of these routes by the names of their secrets, each read once. A secret that is gone is not in the answer. */
export const keysOf = async (
  ports: Pick<Ports, 'secrets'>,
  routes: readonly StoredModelRoute[],
): Promise<{ readonly keys: ReadonlyMap<string, string>; readonly missing: readonly string[] }> => {
  const keyRefs = [...new Set(routes.flatMap((route) => keyRefOf(route) ?? []))];
  const keys = new Map<string, string>();
  await Promise.all(
    keyRefs.map(async (keyRef) => {
      const key = await ports.secrets.get(keyRef);
      if (key !== undefined) keys.set(keyRef, key);
    }),
  );
  return { keys, missing: keyRefs.filter((keyRef) => !keys.has(keyRef)) };
};
