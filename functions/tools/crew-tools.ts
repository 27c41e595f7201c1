// Tools by which a person's own agent takes work and gives it back.
import type { AgentIdentity } from '../operations/agent-caller.ts';
import { claimBead, releaseBead } from '../operations/crew-work.ts';
import type { Ports } from '../ports.ts';
import type { ToolAnswer } from './tool-answer.ts';

export const claim = async (ports: Ports, caller: AgentIdentity, input: { readonly bead_id: string }): Promise<ToolAnswer> => {
  const { beadId, branch, targetBranch } = await claimBead(ports, caller, input.bead_id);
  return {
    data: { bead: beadId, target_branch: targetBranch, ...(branch === undefined ? {} : { branch }) },
    sentence:
      branch === undefined
        ? `${beadId} is on your hook. It needs no push: end it with gt_done.`
        : `${beadId} is on your hook. Work on a branch from ${targetBranch}, push to ${branch}, then call gt_done with that branch and the commit.`,
  };
};

export const giveBack = async (ports: Ports, caller: AgentIdentity, input: { readonly reason: string }): Promise<ToolAnswer> => {
  const bead = await releaseBead(ports, caller, input.reason);
  return { data: { bead }, sentence: `${bead} is back in its queue and your hook is empty.` };
};
