// With what a rig's host is asked.
import { expect, it } from 'vitest';
import { atHost } from '../../functions/operations/host-access.ts';
import type { HostRepository } from '../../functions/pull-request-host.ts';
import { fakePorts } from '../fakes/ports.ts';
import { aRig } from '../rules/build.ts';

const asked = async (repository: HostRepository): Promise<HostRepository> => repository;

it('a rig is asked with the credential that was given for it', async () => {
  const ports = fakePorts();
  await ports.secrets.put('towns/t-1/git/one', JSON.stringify({ username: 'bot', password: 'hunter22' }));
  expect(await atHost(ports, { ...aRig(), credentialRef: 'towns/t-1/git/one' }, asked)).toEqual({
    gitUrl: aRig().gitUrl,
    credential: { username: 'bot', password: 'hunter22' },
  });
  expect(await atHost(ports, aRig(), asked)).toEqual({ gitUrl: aRig().gitUrl });
});
it('a rig whose credential is lost is not asked without one, and says what to do', async () => {
  const ports = fakePorts();
  await expect(atHost(ports, { ...aRig(), credentialRef: 'towns/t-1/git/gone' }, asked)).rejects.toMatchObject({
    name: 'HostRefused',
    code: 'unauthorised',
    message: expect.stringContaining('connect the repository again') as string,
  });
});
