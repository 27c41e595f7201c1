// Who reads a mail: one agent, whoever holds a role, the first that asks a queue, a person, or each of a group.
import { agentRoleSchema } from '../contracts/agent.schema.ts';
import type { Agent } from '../contracts/agent.schema.ts';
import { agentIdSchema, userIdSchema } from '../contracts/primitives.schema.ts';
import type { Ports } from '../ports.ts';
import { unprocessable } from '../api/problems.ts';

/** Readers of one group at most: all of its mail is one transaction. */
export const groupReaders = 20;
const queueName = /^[a-z][a-z0-9-]{0,62}$/;

interface Town {
  readonly ownerId: string | undefined;
  readonly agents: readonly Agent[];
}
const isRole = (name: string): boolean => agentRoleSchema.safeParse(name).success;
const isOne = ({ ownerId, agents }: Town, to: string): boolean => {
  if (to.startsWith('role:')) return isRole(to.slice(5));
  if (to.startsWith('queue:')) return queueName.test(to.slice(6));
  if (to.startsWith('user:')) return userIdSchema.safeParse(to.slice(5)).success && ownerId === to.slice(5);
  return agentIdSchema.safeParse(to).success && agents.some((agent) => agent.agentId === to);
};

const refused = ({ agents }: Town, to: string): Error => {
  if (to.startsWith('user:')) return unprocessable(`${to} is not a person of this town.`);
  const ids = agents.slice(0, 30).map((agent) => agent.agentId);
  return unprocessable(
    `There is nobody called ${to}. Write to an agent (${ids.join(', ')}), a role (role:mayor), a person (user:<id>), a queue (queue:polecat) or a group (group:polecat, group:toast,maple).`,
  );
};

const membersOf = (town: Town, group: string): string[] =>
  isRole(group)
    ? town.agents.filter((agent) => agent.role === group).map((agent) => agent.agentId)
    : group
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '');

/** The addresses that get a message of their own. Throws 422 with the choices. */
export const readersOf = async (ports: Pick<Ports, 'store'>, townId: string, to: string): Promise<string[]> => {
  const [stored, agents] = await Promise.all([ports.store.get('town', { townId }), ports.store.agentsOf(townId)]);
  const town: Town = { ownerId: stored?.ownerId, agents: agents.filter((agent) => agent.state !== 'gone') };
  if (!to.startsWith('group:')) {
    if (!isOne(town, to)) throw refused(town, to);
    return [to];
  }
  const members = [...new Set(membersOf(town, to.slice(6)))];
  const stranger = members.find((name) => !isOne(town, name));
  if (stranger !== undefined) throw refused(town, stranger);
  if (members.length === 0) throw unprocessable(`Nobody is in ${to} at present.`);
  if (members.length > groupReaders) throw unprocessable(`A group has at most ${groupReaders} readers; ${to} has ${members.length}.`);
  return members;
};
