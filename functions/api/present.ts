// What leaves the server: keys are masked, task tokens and hashes stay here.
import type { Agent, AgentReport } from '../contracts/agent.schema.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import type { Rig, RigView, Town, TownView } from '../contracts/town.schema.ts';
import { maskedSettings } from '../domain/secret-settings.ts';

/** A town with masked keys; its connections are read by a route of their own. */
export const presentTown = ({ inherited: _copies, hostConnections: _hosts, ...town }: Town): TownView => ({
  ...town,
  config: maskedSettings(town.config),
});
/** A rig with masked secrets. */
export const presentRig = ({ config, ...rig }: Rig): RigView => (config === undefined ? rig : { ...rig, config: maskedSettings(config) });

/** Stands where a workflow's task token is stored. */
const withheld = 'withheld';
/** A bead without the task token of its review. */
export const presentBead = (bead: Bead): Bead => {
  if (bead.details.type !== 'merge_request' || bead.details.review === undefined) return bead;
  return { ...bead, details: { ...bead.details, review: { ...bead.details.review, token: withheld } } };
};

export interface AgentView {
  readonly agent: Agent;
  readonly report?: AgentReport;
  readonly hookTitle?: string;
}
/** An agent with its newest report and the title of what it works on. */
export const presentAgent = (agent: Agent, report: AgentReport | undefined, hook: Bead | undefined): AgentView => ({
  agent,
  ...(report === undefined ? {} : { report }),
  ...(hook === undefined ? {} : { hookTitle: hook.title }),
});
