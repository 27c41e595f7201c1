// The full desired set of a town's runtime: agents, commands, rigs. Read by the runner; its version is a hash of everything but tokens and keys,
// for which the names of their secrets stand: a changed key has another name.
import { createHash } from 'node:crypto';
import type { Agent } from '../contracts/agent.schema.ts';
import type { Desired, MoneyLeft, RuntimeLease } from '../contracts/runner.schema.ts';
import { environmentWith } from '../domain/agent-environment.ts';
import type { Identity } from '../domain/commit-identity.ts';
import { keyRefOf, routeWithKey } from '../domain/secret-settings.ts';
import { hasBudgetNews } from '../domain/plan/budgets.ts';
import { moneyLeft } from '../domain/spending/money-left.ts';
import type { Ports } from '../ports.ts';
import { assignmentsOf, peopleIn } from './assignments.ts';
import type { Unsigned } from './assignments.ts';
import { secretsOf } from './setting-secrets.ts';
import { readScene } from './town-scene.ts';
import type { TownScene } from './town-scene.ts';

export interface DesiredContent {
  readonly assignments: readonly Unsigned[];
  readonly rigs: Desired['rigs'];
  readonly commands: Desired['commands'];
  readonly drain: boolean;
}

const identitiesOf = async (ports: Ports, scene: TownScene): Promise<Map<string, Identity>> =>
  new Map(await Promise.all(peopleIn(scene).map(async (userId) => [userId, await ports.people.identity(userId)] as const)));

const commandsOf = async (ports: Ports, scene: TownScene): Promise<Desired['commands']> => {
  const ids = scene.work.filter((item) => item.kind === 'command').map((item) => item.workId);
  const asked = ids.length === 0 ? [] : await ports.store.commandsOf(scene.town.townId, ids);
  return [...scene.commands, ...asked]
    .filter((command) => command.state === 'queued')
    .toSorted((one, other) => (one.commandId < other.commandId ? -1 : 1))
    .map(({ commandId, payload, deadlineAtMs }) => ({ commandId, payload, deadlineAtMs }));
};

const moneyIn = (ports: Ports, scene: TownScene, assignments: readonly Unsigned[]): MoneyLeft =>
  moneyLeft(
    { town: scene.town, rigs: scene.rigs, work: scene.work, nowMs: ports.clock.nowMs(), bead: (beadId) => scene.beads.get(beadId) },
    assignments.map((assignment) => ({
      agent: assignment,
      hook: assignment.bead === undefined ? undefined : scene.beads.get(assignment.bead.beadId),
      route: assignment.model,
    })),
    ports.deployment.scriptedModelUrl,
  );

interface DesiredState {
  readonly content: DesiredContent;
  readonly money: MoneyLeft | undefined;
  /** A budget of the day has come to a point that nobody has been told of. */
  readonly budgetNews: boolean;
}
/** What the runner should have now, without tokens and keys, and what it may spend. A town that is gone wants nothing. */
const desiredState = async (ports: Ports, lease: RuntimeLease): Promise<DesiredState> => {
  const scene = await readScene(ports, lease);
  if (scene === undefined)
    return { content: { assignments: [], rigs: [], commands: [], drain: true }, money: undefined, budgetNews: false };
  const [identities, commands] = await Promise.all([identitiesOf(ports, scene), commandsOf(ports, scene)]);
  const assignments = assignmentsOf({ scene, identities, scriptedModelUrl: ports.deployment.scriptedModelUrl });
  const content: DesiredContent = {
    assignments,
    rigs: scene.rigs.map((rig) => ({
      rigId: rig.rigId,
      name: rig.name,
      gitUrl: rig.gitUrl,
      defaultBranch: rig.defaultBranch,
      hasCredential: rig.credentialRef !== undefined || rig.hostConnectionId !== undefined,
    })),
    commands,
    drain: lease.state === 'draining' || lease.state === 'stopping',
  };
  return { content, money: moneyIn(ports, scene, assignments), budgetNews: hasBudgetNews({ ...scene, nowMs: ports.clock.nowMs() }) };
};

/** The same content gives the same version, whoever computes it. */
export const versionOf = (content: DesiredContent): string => createHash('sha256').update(JSON.stringify(content)).digest('hex');

/** For the answer to a report. */
export const desiredAnswer = async (
  ports: Ports,
  lease: RuntimeLease,
): Promise<{ readonly answer: { readonly desiredVersion: string; readonly money?: MoneyLeft }; readonly budgetNews: boolean }> => {
  const { content, money, budgetNews } = await desiredState(ports, lease);
  return { answer: { desiredVersion: versionOf(content), ...(money === undefined ? {} : { money }) }, budgetNews };
};

/** Token for `/mcp`; refused as soon as the agent's epoch is raised. */
export const signAgentToken = (
  ports: Pick<Ports, 'tokens' | 'deployment'>,
  agent: Pick<Agent, 'agentId' | 'epoch' | 'role'> & { readonly personaId?: string | undefined },
  lease: RuntimeLease,
): Promise<string> =>
  ports.tokens.sign(
    {
      kind: 'agent',
      townId: lease.townId,
      agentId: agent.agentId,
      epoch: agent.epoch,
      role: agent.role,
      runtimeEpoch: lease.runtimeEpoch,
      ...(agent.personaId === undefined ? {} : { personaId: agent.personaId }),
    },
    ports.deployment.timings.agentTokenMs,
  );

/** Names of the secrets that an assignment needs: its model's key, its secret variables. */
const refsOf = ({ model, env }: Unsigned): string[] => [
  ...[keyRefOf(model) ?? []].flat(),
  ...env.flatMap((variable) => (variable.secret ? [variable.valueRef] : [])),
];

type KeyedState = Awaited<ReturnType<typeof secretsOf>> & DesiredState;
const withKeys = async (ports: Ports, state: DesiredState): Promise<KeyedState> => ({
  ...(await secretsOf(ports, state.content.assignments.flatMap(refsOf))),
  ...state,
});
/** A key that is changed meanwhile is found at the second reading; one that is still missing is left out, and its agent hears of it from the model. */
const keyedState = async (ports: Ports, lease: RuntimeLease): Promise<KeyedState> => {
  const first = await withKeys(ports, await desiredState(ports, lease));
  if (first.missing.length === 0) return first;
  const second = await withKeys(ports, await desiredState(ports, lease));
  for (const ref of second.missing) ports.log.warn('secret_missing', { townId: lease.townId, ref });
  return second;
};

/** The desired set with fresh tokens and the models' keys. Throws when the secrets cannot be reached; the runner asks again. */
export const desired = async (ports: Ports, lease: RuntimeLease): Promise<Desired> => {
  const { content, money, values } = await keyedState(ports, lease);
  const assignments = await Promise.all(
    content.assignments.map(async (assignment) => ({
      ...assignment,
      model: routeWithKey(assignment.model, values.get(keyRefOf(assignment.model) ?? '')),
      env: environmentWith(assignment.env, values),
      agentToken: await signAgentToken(ports, assignment, lease),
    })),
  );
  return {
    townId: lease.townId,
    runtimeEpoch: lease.runtimeEpoch,
    desiredVersion: versionOf(content),
    ...content,
    assignments,
    rigs: content.rigs,
    commands: content.commands,
    ...(money === undefined ? {} : { money }),
  };
};
