// Tools by which the Mayor ends what an agent does.
import { agentOf } from '../operations/agent-caller.ts';
import type { AgentIdentity } from '../operations/agent-caller.ts';
import { endByHand } from '../operations/agents-by-hand.ts';
import type { Ports } from '../ports.ts';
import type { ToolAnswer } from './tool-answer.ts';

export const endAgent = async (
  ports: Ports,
  caller: AgentIdentity,
  act: 'reset' | 'stop',
  input: { readonly agent_id: string; readonly reason?: string | undefined },
): Promise<ToolAnswer> => {
  await agentOf(ports, caller);
  const { beadId } = await endByHand(ports, {
    townId: caller.townId,
    agentId: input.agent_id,
    actor: `agent:${caller.agentId}`,
    act,
    reason: input.reason,
  });
  const bead =
    beadId === undefined
      ? 'It had nothing on its hook.'
      : `${beadId} is ${act === 'stop' ? 'held until it is released' : 'back in its queue'}.`;
  return {
    data: { agent: input.agent_id, ...(beadId === undefined ? {} : { bead: beadId }) },
    sentence: `${input.agent_id} is stopped. ${bead}`,
  };
};
