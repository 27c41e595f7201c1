// What the runner needs of any coding agent program. opencode is the one there is; another one implements this.
import type { ObservedAgent } from '../../../functions/contracts/agent.schema.ts';
import type { Assignment, RunnerReport } from '../../../functions/contracts/runner.schema.ts';

/** One life of an agent: from its assignment to the end of its process. */
export interface AgentLife {
  readonly agentId: string;
  readonly epoch: number;
  readonly assignment: () => Assignment;
  /** The same life with newer content: prompts, tokens, model. */
  update(assignment: Assignment): void;
  /** Lets the current turn end for at most `turnGraceMs`, then ends everything it started. Resolves when nothing of it runs. */
  stop(turnGraceMs: number): Promise<void>;
  observed(): ObservedAgent;
  /** Turns that have ended; they stay until `turnsReported`. */
  turns(): RunnerReport['turns'];
  turnsReported(promptIds: readonly string[]): void;
}

export interface AgentRuntime {
  /** Starts at once and never throws: what goes wrong is observed as `failed`. */
  begin(assignment: Assignment): AgentLife;
}
