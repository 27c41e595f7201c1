// Accounts of a git host in memory: every app is installed, every token is known unless it says otherwise.
import type { HostAccounts } from '../../functions/host-accounts.ts';
import { HostRefused } from '../../functions/host-errors.ts';
import type { Clock } from '../../functions/ports.ts';

const hourMs = 3_600_000;

/** The token `wrong` and the installation 404 are refused; tokens of apps are numbered. */
export const memoryAccounts = (clock: Clock): HostAccounts => {
  let count = 0;
  const check = (isGood: boolean): void => {
    if (!isGood) throw new HostRefused('The host does not know it.', 'unauthorised');
  };
  return {
    installation: async ({ installationId }) => {
      check(installationId !== 404);
      return { account: 'acme', missing: [], advice: [] };
    },
    token: async ({ installationId }) => {
      check(installationId !== 404);
      count += 1;
      return { credential: { username: 'x-access-token', password: `short-token-${count}` }, expiresAtMs: clock.nowMs() + hourMs };
    },
    person: async (_origin, { password }) => {
      check(password !== 'wrong');
      return 'ada';
    },
  };
};
