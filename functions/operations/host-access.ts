// With what a rig's host is asked: one chain for looking, feedback and merging, so that no part of the town can work where another cannot.
import type { Rig } from '../contracts/town.schema.ts';
import { HostRefused } from '../host-errors.ts';
import type { Ports } from '../ports.ts';
import type { HostRepository } from '../pull-request-host.ts';
import { storedCredential } from './rig-credential.ts';

/** Acts at the host of a rig with the first credential that it takes. Throws `HostUnavailable` and `HostRefused`. */
export const atHost = async <T>(ports: Ports, rig: Rig, act: (repository: HostRepository) => Promise<T>): Promise<T> => {
  const stored = await storedCredential(ports, rig);
  if (stored.kind === 'missing' || stored.kind === 'unreadable')
    throw new HostRefused(
      `The credential of rig ${rig.name} ${stored.kind === 'missing' ? 'is missing' : 'cannot be read'}; connect the repository again with a credential.`,
      'unauthorised',
    );
  return act({ gitUrl: rig.gitUrl, ...(stored.kind === 'found' ? { credential: stored.credential } : {}) });
};
