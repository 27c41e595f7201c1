// Tools of the Mayor for convoys. They use the same operations as the REST API.
import type { z } from 'zod';
import type { tools } from '../contracts/tools.schema.ts';
import { agentOf } from '../operations/agent-caller.ts';
import type { AgentIdentity } from '../operations/agent-caller.ts';
import { startConvoy } from '../operations/convoy-start.ts';
import { convoyView } from '../operations/convoys.ts';
import type { Ports } from '../ports.ts';
import { convoyData } from './convoy-answers.ts';
import type { ToolAnswer } from './tool-answer.ts';

type Input<N extends keyof typeof tools> = z.output<(typeof tools)[N]['input']>;
interface Act {
  readonly townId: string;
  readonly convoyId: string;
  readonly actor: `agent:${string}`;
}
const actOf = async (ports: Ports, caller: AgentIdentity, convoyId: string): Promise<Act> => {
  await agentOf(ports, caller);
  return { townId: caller.townId, convoyId, actor: `agent:${caller.agentId}` };
};

export const convoyStatus = async (ports: Ports, caller: AgentIdentity, input: Input<'gt_convoy_status'>): Promise<ToolAnswer> => {
  const view = await convoyView(ports, caller.townId, input.convoy_id);
  return { data: convoyData(view), sentence: view.sentence };
};

export const convoyStart = async (ports: Ports, caller: AgentIdentity, input: Input<'gt_convoy_start'>): Promise<ToolAnswer> => {
  const view = await startConvoy(ports, await actOf(ports, caller, input.convoy_id));
  return { data: convoyData(view), sentence: `${input.convoy_id} is started. Do not wait for it.` };
};
