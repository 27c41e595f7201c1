// Changes of a rig. What the host is asked with is tried before it takes the place of what there was.
import type { z } from 'zod';
import type { routes } from '../contracts/routes.ts';
import type { Rig } from '../contracts/town.schema.ts';
import { newEvent } from '../domain/new-bead.ts';
import type { Ports } from '../ports.ts';
import { checkVersion } from '../api/serve.ts';
import { rigOf } from './access.ts';
import { keepCredential, storedCredential } from './rig-credential.ts';
import { probed, pullRequestsOf } from './rig-probe.ts';
import { isoNow, transact } from './transact.ts';

export type RigPatch = z.infer<(typeof routes.updateRig)['body']>;
export interface UpdateRig {
  readonly townId: string;
  readonly rigId: string;
  readonly userId: string;
  readonly patch: RigPatch;
  readonly ifMatch?: number | undefined;
}

/** Null takes away, what is absent stays. */
const chosen = <T>(given: T | null | undefined, before: T | undefined): T | undefined =>
  given === undefined ? before : (given ?? undefined);
const changed = (before: Rig, patch: RigPatch, credentialRef: string | undefined): Rig => {
  const { credentialRef: _credential, hostConnectionId: _connection, pullRequests: _known, ...rest } = before;
  const hostConnectionId = chosen(patch.hostConnectionId, before.hostConnectionId);
  return {
    ...rest,
    name: patch.name ?? before.name,
    gates: patch.gates ?? before.gates,
    ...(credentialRef === undefined ? {} : { credentialRef }),
    ...(hostConnectionId === undefined ? {} : { hostConnectionId }),
  };
};

/** What is known of its pull requests after the change; throws when the host does not take what is given. */
const tried = async (ports: Ports, before: Rig, patch: RigPatch): Promise<Pick<Rig, 'pullRequests'>> => {
  if (patch.credential === undefined && patch.hostConnectionId === undefined) return { pullRequests: before.pullRequests };
  const stored = patch.credential === undefined ? await storedCredential(ports, before) : undefined;
  const known = stored?.kind === 'found' ? stored.credential : undefined;
  const hostConnectionId = chosen(patch.hostConnectionId, before.hostConnectionId);
  // What is stored already and is only the second choice may be old; nobody has given it now.
  const credential = patch.credential ?? (hostConnectionId === undefined ? known : undefined);
  const { repository } = await probed(ports, before.townId, { gitUrl: before.gitUrl, credential, hostConnectionId });
  return { pullRequests: await pullRequestsOf(ports, repository) };
};

/** Throws 404, 409 when `ifMatch` is not the stored version, and 422 when the host does not take what is given. */
export const updateRig = async (ports: Ports, request: UpdateRig): Promise<Rig> => {
  const { townId, rigId, userId, patch } = request;
  const first = await rigOf(ports, townId, rigId);
  checkVersion(request.ifMatch, first.version);
  const { pullRequests } = await tried(ports, first, patch);
  const kept = await keepCredential(ports, townId, patch.credential ?? undefined);
  let result: Rig | undefined;
  let replacedRef: string | undefined;
  try {
    result = await transact(ports, 'The rig', async () => {
      const before = await rigOf(ports, townId, rigId);
      checkVersion(request.ifMatch, before.version);
      replacedRef = patch.credential === undefined ? undefined : before.credentialRef;
      const names = Object.keys(patch);
      if (names.length === 0) return { writes: [], result: before };
      const at = isoNow(ports);
      const after = changed(before, patch, patch.credential === undefined ? before.credentialRef : kept);
      const rig: Rig = { ...after, ...(pullRequests === undefined ? {} : { pullRequests }), version: before.version + 1, updatedAt: at };
      const event = newEvent(
        { townId, eventId: ports.ids.ulid(), type: 'config_changed', actor: `user:${userId}`, at },
        { rigId, data: { changed: names } },
      );
      return {
        writes: [
          { put: 'rig', item: rig, when: { equals: { version: before.version } } },
          { put: 'event', item: event, when: 'none' },
        ],
        result: rig,
      };
    });
    return result;
  } finally {
    if (result === undefined && kept !== undefined) await ports.secrets.remove(kept);
    if (result !== undefined && replacedRef !== undefined) await ports.secrets.remove(replacedRef);
  }
};
