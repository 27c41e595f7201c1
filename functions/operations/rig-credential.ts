// The credential that was given for a rig, as it is kept.
import { z } from 'zod';
import type { Rig } from '../contracts/town.schema.ts';
import type { GitCredential, Ports } from '../ports.ts';

const storedSchema = z.object({ username: z.string(), password: z.string() });

/** `none`: the rig has none. `missing` and `unreadable`: there should be one. */
export type StoredCredential =
  | { readonly kind: 'found'; readonly credential: GitCredential }
  | { readonly kind: 'none' | 'missing' | 'unreadable' };

export const storedCredential = async (ports: Pick<Ports, 'secrets'>, rig: Pick<Rig, 'credentialRef'>): Promise<StoredCredential> => {
  if (rig.credentialRef === undefined) return { kind: 'none' };
  const secret = await ports.secrets.get(rig.credentialRef);
  if (secret === undefined) return { kind: 'missing' };
  try {
    return { kind: 'found', credential: storedSchema.parse(JSON.parse(secret)) };
  } catch {
    return { kind: 'unreadable' };
  }
};

/** Puts the credential aside as JSON {username, password}; nothing points to it until the rig is stored. */
export const keepCredential = async (
  ports: Pick<Ports, 'secrets' | 'ids'>,
  townId: string,
  credential: GitCredential | undefined,
): Promise<string | undefined> => {
  if (credential === undefined) return undefined;
  const name = `towns/${townId}/git/${ports.ids.base36(16)}`;
  await ports.secrets.put(name, JSON.stringify({ username: credential.username, password: credential.password }));
  return name;
};
