// Rigs: a repository is reached and asked before anything is stored, so that a rig that exists works.
import type { z } from 'zod';
import { routes } from '../contracts/routes.ts';
import { rigSchema } from '../contracts/town.schema.ts';
import type { Gate } from '../contracts/gate.schema.ts';
import type { Rig } from '../contracts/town.schema.ts';
import { mayUse } from '../domain/flags.ts';
import { newEvent } from '../domain/new-bead.ts';
import { prefixFor, townPrefix } from '../domain/rig-prefix.ts';
import type { Ports, ProbeResult } from '../ports.ts';
import { conflict, forbidden, unprocessable } from '../api/problems.ts';
import { actOnce, replayed } from './once.ts';
import type { OnceRequest } from './once.ts';
import { keepCredential } from './rig-credential.ts';
import { probed, pullRequestsOf } from './rig-probe.ts';
import { isoNow } from './transact.ts';

type CreateRigInput = z.input<(typeof routes.createRig)['body']>;
const firstIdLength = 8;
/** Year 9999: a prefix is taken for as long as its town exists. */
const neverSeconds = 253_402_300_799;

const branchesShown = 5;
/** The branch that agents start from and merge into; it must be there. */
const targetBranch = (found: Extract<ProbeResult, { ok: true }>, wanted: string | undefined): string => {
  if (found.branches.length === 0 && !found.moreBranches)
    throw unprocessable('The repository has no commits yet. Push a first commit (a README will do) and connect it again.', [
      { path: 'body.gitUrl', message: 'the repository has no commits' },
    ]);
  if (wanted === undefined || found.moreBranches || found.branches.includes(wanted)) return wanted ?? found.defaultBranch;
  const shown = found.branches.slice(0, branchesShown).join(', ');
  throw unprocessable(
    `The repository has no branch ${wanted}; it has ${shown}${found.branches.length > branchesShown ? ' and others' : ''}. Give one that it has, or leave the branch out.`,
    [{ path: 'body.defaultBranch', message: 'no such branch' }],
  );
};

/** Throws 403 for a second rig where the organisation does not let this person have more than one. */
const checkOneMore = async (ports: Ports, { townId, userId }: CreateRig): Promise<readonly Rig[]> => {
  const [town, rigs] = await Promise.all([ports.store.get('town', { townId }), ports.store.rigsOf(townId)]);
  if (town !== undefined && rigs.length > 0 && !mayUse('flags.multiRig', town, userId))
    throw forbidden('More than one rig in a town is switched off here; make another town, or ask an admin of the organisation.');
  return rigs;
};

const freePrefix = (input: CreateRigInput, rigs: readonly Rig[]): string => {
  const taken = new Set([townPrefix, ...rigs.map((rig) => rig.prefix)]);
  if (input.prefix !== undefined) {
    if (taken.has(input.prefix)) throw conflict(`The prefix ${input.prefix} is taken in this town; choose another or leave it out.`);
    return input.prefix;
  }
  const prefix = prefixFor(input.name, taken);
  if (prefix === undefined) throw conflict('No free prefix could be made from this name; give one as prefix.');
  return prefix;
};

export interface CreateRig {
  readonly townId: string;
  readonly userId: string;
  readonly input: CreateRigInput;
  readonly idempotencyKey?: string | undefined;
}

const storeRig = (
  ports: Ports,
  request: CreateRig,
  once: OnceRequest<Rig>,
  found: { defaultBranch: string; credentialRef: string | undefined; gates: Gate[]; pullRequests: Rig['pullRequests'] },
): Promise<Rig> =>
  actOnce(ports, once, async (attempt) => {
    const { townId, userId, input } = request;
    const at = isoNow(ports);
    const rig: Rig = {
      townId,
      rigId: `r-${ports.ids.base36(firstIdLength + attempt)}`,
      name: input.name,
      gitUrl: input.gitUrl,
      defaultBranch: found.defaultBranch,
      prefix: freePrefix(input, await checkOneMore(ports, request)),
      gates: found.gates,
      ...(found.credentialRef === undefined ? {} : { credentialRef: found.credentialRef }),
      ...(found.pullRequests === undefined ? {} : { pullRequests: found.pullRequests }),
      ...(input.hostConnectionId === undefined ? {} : { hostConnectionId: input.hostConnectionId }),
      version: 1,
      createdAt: at,
      updatedAt: at,
    };
    const event = newEvent(
      { townId, eventId: ports.ids.ulid(), type: 'rig_connected', actor: `user:${userId}`, at },
      { rigId: rig.rigId, new: input.name },
    );
    return {
      writes: [
        { put: 'rig', item: rig, when: { absent: true } },
        {
          put: 'once',
          item: { townId, mark: `rig-prefix#${rig.prefix}`, createdAt: at, deleteAfterEpochSeconds: neverSeconds },
          when: { absent: true },
        },
        { put: 'event', item: event, when: 'none' },
      ],
      result: rig,
    };
  });

/**
 * Connects a repository. Throws 422 with what to do when it cannot be reached or pushed to, 409 when the prefix is taken.
 * Nothing is left behind by a failure; a kill may leave a secret that nothing points to.
 */
export const createRig = async (ports: Ports, request: CreateRig): Promise<Rig> => {
  const { townId, userId, input } = request;
  const once = {
    what: 'The rig',
    scope: townId,
    key: request.idempotencyKey,
    act: 'createRig',
    request: { userId, input },
    answer: rigSchema,
  };
  const earlier = await replayed(ports, once);
  if (earlier !== undefined) return earlier.answer;
  const gates = routes.createRig.body.shape.gates.parse(input.gates) ?? [];
  const { found, repository } = await probed(ports, townId, input);
  const defaultBranch = targetBranch(found, input.defaultBranch);
  const pullRequests = await pullRequestsOf(ports, repository);
  const credentialRef = await keepCredential(ports, townId, input.credential);
  let rig: Rig | undefined;
  try {
    rig = await storeRig(ports, request, once, { defaultBranch, credentialRef, gates, pullRequests });
    return rig;
  } finally {
    // Also when a simultaneous request with the same key was faster: its rig has its own secret.
    if (credentialRef !== undefined && rig?.credentialRef !== credentialRef) await ports.secrets.remove(credentialRef);
  }
};
