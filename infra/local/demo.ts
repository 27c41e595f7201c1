// The demo town of a first start: a sample repository made on the spot and a town connected to it, through the same operations as any other.
import { join } from 'node:path';
import { createRig } from '../../functions/operations/rigs.ts';
import { createTown } from '../../functions/operations/towns.ts';
import type { Ports } from '../../functions/ports.ts';
import { makeSampleRepository } from './scripted-model/sample-repository.ts';

export const demoTownName = 'Sample Town';

/** Makes the demo town when this person has no town yet; resolves with it. A start that was killed in between is completed. */
export const ensureDemo = async (ports: Ports, dataDir: string): Promise<string | undefined> => {
  const userId = 'local';
  const towns = await ports.store.townsOf(userId, { limit: 20 });
  const town =
    towns.items.find((each) => each.name === demoTownName) ??
    (towns.items.length === 0 ? await createTown(ports, { userId, input: { name: demoTownName } }) : undefined);
  if (town === undefined) return undefined;
  const rigs = await ports.store.rigsOf(town.townId);
  if (rigs.length === 0) {
    const gitUrl = join(dataDir, 'sample.git');
    const sample = await makeSampleRepository(gitUrl);
    await createRig(ports, { townId: town.townId, userId, input: { name: 'sample', gitUrl, gates: [...sample.gates] } });
  }
  return town.townId;
};
