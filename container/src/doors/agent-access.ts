// Who may pass the runner's loopback doors: one random secret per agent life, and what it opens. The agent token itself never leaves the runner.
import { createHash, randomBytes } from 'node:crypto';
import type { Assignment } from '../../../functions/contracts/runner.schema.ts';
import type { ModelRoute } from '../../../functions/contracts/model.schema.ts';

export interface Access {
  readonly agentId: string;
  readonly epoch: number;
  readonly beadId: string | undefined;
  readonly route: ModelRoute;
  /** Another model of the same provider that the agent may call. */
  readonly smallModel?: string | undefined;
  readonly agentToken: string;
  /** The only ref this agent may push, where, and what its commits must carry. */
  readonly push:
    | { readonly rigId: string; readonly branch: string; readonly startPoint: string; readonly trailers: readonly string[] }
    | undefined;
}

export interface AgentAccess {
  /** A new secret for an agent's life; an older one of the same agent stops working. */
  grant(assignment: Assignment): string;
  /** Newer content for the same life (model, prompts' target); the secret stays. */
  update(assignment: Assignment): void;
  setToken(agentId: string, agentToken: string): void;
  revoke(agentId: string): void;
  /** The agent that knows this secret. */
  find(secret: string | undefined): Access | undefined;
}

const accessOf = (assignment: Assignment): Access => ({
  agentId: assignment.agentId,
  epoch: assignment.epoch,
  beadId: assignment.bead?.beadId,
  route: assignment.model,
  smallModel: assignment.smallModel,
  agentToken: assignment.agentToken,
  push:
    assignment.workspace.kind === 'branch'
      ? {
          rigId: assignment.workspace.rigId,
          branch: assignment.workspace.branch,
          startPoint: assignment.workspace.startPoint,
          trailers: assignment.commit?.trailers ?? [],
        }
      : undefined,
});

/** Secrets are looked up by their hash, so that a lookup takes the same time for each wrong guess. */
const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

export const createAgentAccess = (): AgentAccess => {
  const byHash = new Map<string, Access>();
  const hashByAgent = new Map<string, string>();
  const change = (agentId: string, next: (old: Access) => Access): void => {
    const hash = hashByAgent.get(agentId);
    const old = hash === undefined ? undefined : byHash.get(hash);
    if (hash !== undefined && old !== undefined) byHash.set(hash, next(old));
  };
  const revoke = (agentId: string): void => {
    const hash = hashByAgent.get(agentId);
    if (hash !== undefined) byHash.delete(hash);
    hashByAgent.delete(agentId);
  };
  return {
    grant: (assignment) => {
      revoke(assignment.agentId);
      const secret = randomBytes(32).toString('base64url');
      const hash = hashOf(secret);
      byHash.set(hash, accessOf(assignment));
      hashByAgent.set(assignment.agentId, hash);
      return secret;
    },
    update: (assignment) => change(assignment.agentId, (old) => (old.epoch === assignment.epoch ? accessOf(assignment) : old)),
    setToken: (agentId, agentToken) => change(agentId, (old) => ({ ...old, agentToken })),
    revoke,
    find: (secret) => (secret === undefined ? undefined : byHash.get(hashOf(secret))),
  };
};
