// Whether the model can be used, from what agents, the runtime, escalations and failed messages say. Pure.
import type { AgentRole } from '../../../functions/contracts/agent.schema.ts';
import type { RouteResponse } from '../../../functions/contracts/routes.ts';
import type { SettingsView } from '../../../functions/contracts/settings.schema.ts';
import type { MayorMessage } from '../../../functions/contracts/town.schema.ts';
import { isLive } from '../words/status.ts';

type Snapshot = RouteResponse<'snapshot'>;
type Message = Pick<MayorMessage, 'role' | 'state' | 'at' | 'error'>;
type ConfiguredRole = 'mayor' | 'polecat' | 'refinery';

export interface ModelTrouble {
  /** The model as the settings name it. */
  readonly model: string;
  readonly reason: string;
}
interface Failure {
  readonly role: ConfiguredRole;
  readonly at: string;
  readonly reason: string;
}

/** What providers and the runner's model proxy say when the model, its address or its key is at fault. */
const modelFaults =
  /\bmodel (endpoint|address|provider|route)\b|\b(unknown|no such|invalid) model\b|\bmodel\b.*\b(not found|not exist|cannot be reached)\b|\bapi[ _-]?key\b|\bunauthori[sz]ed\b|\b(quota|credit balance|rate limit)\b/i;

const roleOf = (role: AgentRole): ConfiguredRole => (role === 'mayor' || role === 'refinery' ? role : 'polecat');
const routeOf = (config: SettingsView, role: ConfiguredRole) => config[`models.${role}`] ?? config['models.default'];
const nameOf = (config: SettingsView, role: ConfiguredRole): string => {
  const route = routeOf(config, role);
  return route === undefined || route.kind === 'scripted' ? 'of the demo' : route.model;
};

/** The sentences around a reason, which the control plane puts there for the places where nothing else is said. */
const bare = (text: string): string =>
  text
    .replace(/^.*?\b(could not answer|could not be kept running|was lost|The last error): /s, '')
    .replace(/\.? (Send the message again|Look at the model|The review is tried again)\b.*$/s, '')
    .replace(/\s*It is tried again by itself\.$/, '')
    .trim();

const ofAgents = (agents: Snapshot['agents']): Failure[] =>
  agents.flatMap(({ agent, report }) => {
    const observed = report?.observed.epoch === agent.epoch ? report.observed.error : undefined;
    const role = roleOf(agent.role);
    if (observed?.cause === 'model' && report !== undefined)
      return [{ role, at: new Date(report.receivedAtMs).toISOString(), reason: observed.message }];
    if (agent.lastExit === undefined || !modelFaults.test(agent.lastExit)) return [];
    return [{ role, at: agent.updatedAt, reason: agent.lastExit }];
  });
const ofMessages = (messages: readonly Message[]): Failure[] => {
  const newest = messages.findLast(({ role, state }) => role === 'user' && (state === 'failed' || state === 'answered'));
  if (newest?.state !== 'failed' || newest.error === undefined) return [];
  const reason = bare(newest.error);
  return modelFaults.test(reason) ? [{ role: 'mayor', at: newest.at, reason }] : [];
};
const ofEscalations = (escalations: Snapshot['escalations']): Failure[] =>
  escalations.flatMap(({ details, body, createdAt }) =>
    details.type === 'escalation' && details.source.startsWith('patrol:') && modelFaults.test(body)
      ? [{ role: body.startsWith('refinery-') ? ('refinery' as const) : ('polecat' as const), at: createdAt, reason: body }]
      : [],
  );
const ofRuntime = ({ runtime }: Snapshot): Failure[] =>
  runtime?.lastError !== undefined && runtime.state !== 'live' && modelFaults.test(runtime.lastError)
    ? [{ role: 'polecat', at: runtime.updatedAt, reason: runtime.lastError }]
    : [];

/** An agent with the same model came to its end, or got on, after that. */
const worksAgain = ({ agents, town }: Snapshot, failure: Failure): boolean =>
  agents.some(
    ({ agent }) =>
      JSON.stringify(routeOf(town.config, roleOf(agent.role))) === JSON.stringify(routeOf(town.config, failure.role)) &&
      agent.lastExit === undefined &&
      (!isLive(agent) || agent.state === 'waiting') &&
      (agent.lastActivityAt ?? '') > failure.at,
  );

/** The newest failure that nothing speaks against: no work since, and no change of the settings. Messages come oldest first. */
export const modelTrouble = (snapshot: Snapshot, messages: readonly Message[]): ModelTrouble | undefined => {
  const failures = [
    ...ofAgents(snapshot.agents),
    ...ofMessages(messages),
    ...ofEscalations(snapshot.escalations),
    ...ofRuntime(snapshot),
  ].toSorted((left, right) => (left.at < right.at ? 1 : -1));
  const standing = failures.find((failure) => failure.at > snapshot.town.updatedAt && !worksAgain(snapshot, failure));
  return standing === undefined ? undefined : { model: nameOf(snapshot.town.config, standing.role), reason: bare(standing.reason) };
};
