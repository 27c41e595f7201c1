// What leaves the server: keys are masked, task tokens and hashes stay here.
import type { Agent, AgentReport } from '../contracts/agent.schema.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import type { Town, TownView } from '../contracts/town.schema.ts';
import { maskedConfig } from '../domain/town-config.ts';

/** A town with masked keys. */
export const presentTown = (town: Town): TownView => ({ ...town, config: maskedConfig(town.config) });

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
