// For whom the Mayor acts: the person whose message is being worked on. Everything that follows from it carries that person.
import type { MayorMessage } from '../contracts/town.schema.ts';
import type { Ports } from '../ports.ts';
import { notFound } from '../api/problems.ts';
import { openMayorMessages } from './town-scene.ts';

/** The oldest message that the Mayor has in its session, else the oldest that waits. */
export const currentMayorMessage = async (ports: Pick<Ports, 'store'>, townId: string): Promise<MayorMessage | undefined> => {
  const messages = await openMayorMessages(ports, await ports.store.workOf(townId));
  return messages.find((message) => message.state === 'working') ?? messages[0];
};

/** The person behind the Mayor's current act; the owner of the town when nobody has asked (mail from an agent). */
export const requesterOf = async (ports: Pick<Ports, 'store'>, townId: string): Promise<string> => {
  const message = await currentMayorMessage(ports, townId);
  if (message !== undefined) return message.userId;
  const town = await ports.store.get('town', { townId });
  if (town === undefined) throw notFound(`There is no town ${townId}.`);
  return town.ownerId;
};
