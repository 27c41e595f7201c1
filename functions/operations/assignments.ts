// Turns the stored state of a town into assignments for its runner. Identities come in from outside; nothing is signed, unlocked or written here.
import type { Agent, AgentRole } from '../contracts/agent.schema.ts';
import type { Assignment, Workspace } from '../contracts/runner.schema.ts';
import type { ResolvedModelRoute } from '../contracts/model.schema.ts';
import type { StoredEnv } from '../contracts/settings/environment.ts';
import type { Rig } from '../contracts/town.schema.ts';
import { committerOf, hasProcess } from '../domain/agent-state.ts';
import { environmentFor } from '../domain/agent-environment.ts';
import { isIssue, isMergeRequest } from '../domain/bead-writes.ts';
import { authorOf, isCoAuthor } from '../domain/commit-identity.ts';
import type { Identity } from '../domain/commit-identity.ts';
import { gatesFor } from '../domain/gates.ts';
import { modelOf, smallModelOf } from '../domain/model-choice.ts';
import { isMolecule, stepsNote } from '../domain/molecules/molecule.ts';
import { townPlaces } from '../domain/plan/places.ts';
import { personaSettings } from '../domain/personas.ts';
import { continuePromptIds, reviewPromptId, startPromptId, triagePromptId } from '../domain/prompt-ids.ts';
import { mayorMessagePrompt, mayorSystemPrompt } from '../domain/prompts/mayor.ts';
import { polecatContinuePrompt, polecatStartPrompt, polecatSystemPrompt } from '../domain/prompts/polecat.ts';
import type { IssueBead, PolecatScene, StepsNote } from '../domain/prompts/polecat.ts';
import { mailPrompts, nudgePrompts } from './inbox-prompts.ts';
import { oneLine } from '../domain/prompts/quote.ts';
import { triageBatchPrompt, triageCases, triageSystemPrompt } from '../domain/prompts/triage.ts';
import { refineryContinuePrompt, refineryReviewPrompt, refinerySystemPrompt } from '../domain/prompts/refinery.ts';
import type { MergeRequestBead } from '../domain/prompts/refinery.ts';
import { scopesOf, settingFor } from '../domain/settings.ts';
import type { SettingsOwners } from '../domain/settings.ts';
import type { TownScene } from './town-scene.ts';

/** An assignment before its token is signed and its secrets are read. */
export type Unsigned = Omit<Assignment, 'agentToken' | 'model' | 'env'> & { readonly model: ResolvedModelRoute; readonly env: StoredEnv };
export interface AssemblyContext {
  readonly scene: TownScene;
  readonly identities: ReadonlyMap<string, Identity>;
  readonly scriptedModelUrl?: string | undefined;
}

/** The role's route for these owners. `scripted` becomes the address of the scripted model server, where one runs. */
export const modelRouteFor = (owners: SettingsOwners, role: AgentRole, scriptedModelUrl: string | undefined): ResolvedModelRoute => {
  const route = modelOf(role, scopesOf(owners));
  if (route.kind !== 'scripted' || scriptedModelUrl === undefined) return route;
  return { kind: 'openai-compatible', baseUrl: scriptedModelUrl, model: `scripted-${role}` };
};

const modelNameOf = (route: ResolvedModelRoute): string => (route.kind === 'scripted' ? 'scripted' : route.model);

interface Known {
  readonly person: Identity;
  readonly owners: SettingsOwners;
}
/** Trailers are header lines: one line each, no angle brackets but the address's. */
const plain = (text: string): string => oneLine(text.replaceAll(/[<>]/g, ''), 120);
const commitOf = (agent: Agent, bead: IssueBead, route: ResolvedModelRoute, known: Known): NonNullable<Assignment['commit']> => {
  const committer = committerOf(agent);
  const owners = { ...known.owners, userId: bead.requestedBy };
  const person = authorOf(known.person, owners);
  return {
    authorName: plain(person.name),
    authorEmail: plain(person.email),
    committerName: committer.name,
    committerEmail: committer.email,
    trailers: [
      ...(isCoAuthor(owners) ? [`Co-authored-by: ${plain(committer.name)} <${committer.email}>`] : []),
      `Agent-Model: ${plain(modelNameOf(route))}`,
      `Requested-by: ${plain(person.name)} <${plain(person.email)}>`,
      `Bead-ID: ${bead.beadId}`,
    ],
  };
};

const smallModel = (owners: SettingsOwners): Pick<Unsigned, 'smallModel'> => {
  const name = smallModelOf(scopesOf(owners));
  return name === undefined ? {} : { smallModel: name };
};
const common = (
  agent: Agent,
  route: ResolvedModelRoute,
  owners: SettingsOwners,
): Pick<Unsigned, 'agentId' | 'name' | 'role' | 'epoch' | 'model' | 'smallModel' | 'env' | 'resumeSessionId'> => ({
  agentId: agent.agentId,
  name: agent.name,
  role: agent.role,
  epoch: agent.epoch,
  model: route,
  ...smallModel(owners),
  env: environmentFor(owners),
  ...(agent.sessionId === undefined ? {} : { resumeSessionId: agent.sessionId }),
});

/** Where an issue's agent works: its branch, started from the target when the host does not have it yet. */
export const branchOf = (agent: Pick<Agent, 'agentId'>, bead: IssueBead): string =>
  bead.details.branch ?? `gt/${agent.agentId}/${bead.beadId}`;

/** Where the molecule of an issue stands, for its agent's prompts. */
const stepsOf = ({ scene }: AssemblyContext, bead: IssueBead): StepsNote | undefined => {
  const molecule = bead.details.moleculeId === undefined ? undefined : scene.beads.get(bead.details.moleculeId);
  return molecule !== undefined && isMolecule(molecule) ? stepsNote(molecule) : undefined;
};

const polecatAssignment = (context: AssemblyContext, agent: Agent, bead: IssueBead, rig: Rig): Unsigned => {
  const worn = bead.details.personaId === undefined ? undefined : context.scene.personas.get(bead.details.personaId);
  const owners: SettingsOwners = { town: context.scene.town, rig, bead, persona: personaSettings(worn) };
  const route = modelRouteFor(owners, agent.role, context.scriptedModelUrl);
  const targetBranch = bead.details.targetBranch ?? rig.defaultBranch;
  const branch = branchOf(agent, bead);
  const gates = gatesFor('polecat', owners);
  const chain = bead.details.chain?.agentId === agent.agentId ? bead.details.chain : undefined;
  const view: PolecatScene = {
    name: agent.name,
    agentId: agent.agentId,
    rigName: rig.name,
    branch,
    targetBranch,
    gates,
    instructions: settingFor('instructions.polecat', owners),
    persona: worn,
    steps: stepsOf(context, bead),
    afterBeadId: chain?.afterBeadId,
  };
  const workspace: Workspace = { kind: 'branch', rigId: rig.rigId, branch, startPoint: bead.details.baseSha ?? targetBranch };
  const person = context.identities.get(bead.requestedBy);
  return {
    ...common(agent, route, owners),
    ...(worn === undefined ? {} : { personaId: worn.personaId }),
    bead: { beadId: bead.beadId, title: bead.title, requestedBy: bead.requestedBy },
    workspace,
    ...(chain?.afterBeadId === undefined ? {} : { chain: { beadId: chain.beadId } }),
    systemPrompt: polecatSystemPrompt(view),
    prompts: [
      { promptId: startPromptId(bead.beadId, agent.epoch), text: polecatStartPrompt(view, bead) },
      ...continuePromptIds(agent).map((promptId) => ({ promptId, text: polecatContinuePrompt(view, bead) })),
      ...mailPrompts(context.scene, agent),
      ...nudgePrompts(context.scene, agent),
    ],
    ...(person === undefined ? {} : { commit: commitOf(agent, bead, route, { person, owners }) }),
    gates,
  };
};

const refineryAssignment = (context: AssemblyContext, agent: Agent, request: MergeRequestBead, rig: Rig): Unsigned | undefined => {
  const { review } = request.details;
  if (review?.refineryId !== agent.agentId) return undefined;
  const { town, beads } = context.scene;
  const owners: SettingsOwners = { town, rig };
  const source = beads.get(request.details.sourceBeadId);
  return {
    ...common(agent, modelRouteFor(owners, agent.role, context.scriptedModelUrl), owners),
    bead: { beadId: request.beadId, title: request.title, requestedBy: request.requestedBy },
    workspace: { kind: 'detached', rigId: rig.rigId, sha: review.tip },
    systemPrompt: refinerySystemPrompt({
      name: agent.name,
      agentId: agent.agentId,
      rigName: rig.name,
      instructions: settingFor('instructions.refinery', owners),
    }),
    prompts: [
      {
        promptId: reviewPromptId(request, agent.epoch),
        text: refineryReviewPrompt(request, source !== undefined && isIssue(source) ? source : undefined),
      },
      ...continuePromptIds(agent).map((promptId) => ({ promptId, text: refineryContinuePrompt(request) })),
      ...mailPrompts(context.scene, agent),
      ...nudgePrompts(context.scene, agent),
    ],
    gates: [],
  };
};

const mayorAssignment = (context: AssemblyContext, agent: Agent): Unsigned => {
  const { town, rigs, mayorMessages } = context.scene;
  return {
    ...common(agent, modelRouteFor({ town }, agent.role, context.scriptedModelUrl), { town }),
    workspace: { kind: 'browse' },
    systemPrompt: mayorSystemPrompt({ townName: town.name, rigs, instructions: settingFor('instructions.mayor', { town }) }),
    prompts: [
      ...mayorMessages.map((message) => ({
        promptId: message.messageId,
        threadUserId: message.userId,
        text: mayorMessagePrompt({
          userId: message.userId,
          userName: context.identities.get(message.userId)?.name ?? message.userId,
          messageId: message.messageId,
          text: message.text,
        }),
      })),
      ...mailPrompts(context.scene, agent),
    ],
    gates: [],
  };
};

const triageAssignment = (context: AssemblyContext, agent: Agent): Unsigned | undefined => {
  const { town, work, beads, agents } = context.scene;
  const cases = triageCases(work, agent.epoch, { beads, agents });
  if (cases.length === 0) return undefined;
  return {
    ...common(agent, modelRouteFor({ town }, agent.role, context.scriptedModelUrl), { town }),
    workspace: { kind: 'none' },
    systemPrompt: triageSystemPrompt({ agentId: agent.agentId, townName: town.name }),
    prompts: [{ promptId: triagePromptId(agent.epoch), text: triageBatchPrompt(cases) }],
    gates: [],
  };
};

const assignmentOf = (context: AssemblyContext, agent: Agent): Unsigned | undefined => {
  if (agent.role === 'mayor') return mayorAssignment(context, agent);
  if (agent.role === 'triage') return triageAssignment(context, agent);
  const bead = agent.hookBeadId === undefined ? undefined : context.scene.beads.get(agent.hookBeadId);
  const rig = context.scene.rigs.find((candidate) => candidate.rigId === bead?.rigId);
  if (bead === undefined || rig === undefined || bead.status !== 'in_progress') return undefined;
  if (isMergeRequest(bead)) return bead.details.review?.verdict === undefined ? refineryAssignment(context, agent, bead, rig) : undefined;
  return isIssue(bead) && bead.assigneeAgentId === agent.agentId ? polecatAssignment(context, agent, bead, rig) : undefined;
};

/** An agent that has handed in its work and is spoken to about it: the same life goes on, with the nudges and nothing else. */
const wokenAssignment = (context: AssemblyContext, agent: Agent): Unsigned | undefined => {
  const { scene } = context;
  const bead = scene.beads.get(agent.lastBeadId ?? '');
  const rig = scene.rigs.find((candidate) => candidate.rigId === bead?.rigId);
  if (bead === undefined || rig === undefined) return undefined;
  const assignment = isMergeRequest(bead) ? refineryAssignment(context, agent, bead, rig) : undefined;
  const spokenTo = isIssue(bead) ? polecatAssignment(context, agent, bead, rig) : assignment;
  return spokenTo === undefined ? undefined : { ...spokenTo, prompts: nudgePrompts(scene, agent) };
};

/** Every agent that should have a process, in the order of its id; of those at rest as many as the town's cap has room for. */
export const assignmentsOf = (context: AssemblyContext): Unsigned[] => {
  const { scene } = context;
  const working = scene.agents.filter(hasProcess);
  const room = Math.max(0, townPlaces(scene.town) - working.length);
  return [...working, ...scene.agents.filter((agent) => scene.woken.has(agent.agentId)).slice(0, room)]
    .toSorted((one, other) => (one.agentId < other.agentId ? -1 : 1))
    .map((agent) => (scene.woken.has(agent.agentId) ? wokenAssignment(context, agent) : assignmentOf(context, agent)))
    .filter((assignment): assignment is Unsigned => assignment !== undefined);
};

/** People whose names an assembly needs. */
export const peopleIn = (scene: TownScene): string[] => [
  ...new Set([...scene.mayorMessages.map((message) => message.userId), ...[...scene.beads.values()].map((bead) => bead.requestedBy)]),
];
