// Who calls: reads the bearer token and says which person, agent or runner it stands for. Epochs are checked against the store by the operations.
import { z } from 'zod';
import { agentRoleSchema } from '../contracts/agent.schema.ts';
import { agentIdSchema, townIdSchema, userIdSchema } from '../contracts/primitives.schema.ts';
import type { Ports } from '../ports.ts';

const agentClaims = z.object({
  kind: z.literal('agent'),
  townId: townIdSchema,
  agentId: agentIdSchema,
  epoch: z.int(),
  role: agentRoleSchema,
  runtimeEpoch: z.int(),
  /** What it wears; its own tools are fewer. */
  personaId: z.string().max(40).optional(),
  /** The person of a crew agent. */
  userId: userIdSchema.optional(),
});
const runnerClaims = z.object({ kind: z.literal('runner'), townId: townIdSchema, runtimeEpoch: z.int() });
export type AgentCaller = z.infer<typeof agentClaims>;
export type RunnerCaller = z.infer<typeof runnerClaims>;
export interface UserCaller {
  readonly kind: 'user';
  readonly userId: string;
  readonly name: string;
  readonly email: string;
}
export interface Nobody {
  readonly kind: 'nobody';
}
export type Caller = Nobody | UserCaller | AgentCaller | RunnerCaller;
export type Auth = 'none' | 'user' | 'agent' | 'runner';
export type CallerFor<A extends Auth> = A extends 'user'
  ? UserCaller
  : A extends 'agent'
    ? AgentCaller
    : A extends 'runner'
      ? RunnerCaller
      : Nobody;

/** The caller that a route of this kind needs; undefined when the token is missing, ended, or of another kind. */
export const callerOf = async (
  auth: Auth,
  headers: ReadonlyMap<string, string>,
  ports: Pick<Ports, 'people' | 'tokens'>,
): Promise<Caller | undefined> => {
  if (auth === 'none') return { kind: 'nobody' };
  const token = /^Bearer ([^\s]{8,8000})$/i.exec(headers.get('authorization') ?? '')?.[1];
  if (token === undefined) return undefined;
  if (auth === 'user') {
    const person = await ports.people.verify(token);
    return person === undefined ? undefined : { kind: 'user', userId: person.userId, name: person.name, email: person.email };
  }
  const claims = await ports.tokens.verify(token);
  const parsed = (auth === 'agent' ? agentClaims : runnerClaims).safeParse(claims);
  return parsed.success ? parsed.data : undefined;
};
