// Tools of the Mayor for convoys. They use the same operations as the REST API.
import type { z } from 'zod';
import type { tools } from '../contracts/tools.schema.ts';
import { agentOf } from '../operations/agent-caller.ts';
import type { AgentIdentity } from '../operations/agent-caller.ts';
import { startConvoy } from '../operations/convoy-start.ts';
import { addConvoyBead, closeConvoy, removeConvoyBead, updateConvoy } from '../operations/convoy-edit.ts';
import { listBeads } from '../operations/lists.ts';
import { convoyView } from '../operations/convoys.ts';
import type { Ports } from '../ports.ts';
import { counted } from '../domain/words.ts';
import { convoyData, convoyRow } from './convoy-answers.ts';
import type { ToolAnswer } from './tool-answer.ts';

type Input<N extends keyof typeof tools> = z.output<(typeof tools)[N]['input']>;
const listed = 20;
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

export const convoyList = async (ports: Ports, caller: AgentIdentity, input: Input<'gt_list_convoys'>): Promise<ToolAnswer> => {
  const { items } = await listBeads(ports, { townId: caller.townId, type: 'convoy', status: input.status }, { limit: listed });
  return { data: { convoys: items.map(convoyRow) }, sentence: `${counted(items.length, 'convoy')}, newest change first.` };
};

export const convoyUpdate = async (ports: Ports, caller: AgentIdentity, input: Input<'gt_convoy_update'>): Promise<ToolAnswer> => {
  const view = await updateConvoy(ports, {
    ...(await actOf(ports, caller, input.convoy_id)),
    patch: { title: input.title, mergeMode: input.merge_mode, memberIds: input.order, series: input.series },
  });
  return { data: convoyData(view), sentence: 'Changed.' };
};

export const convoyAddBead = async (ports: Ports, caller: AgentIdentity, input: Input<'gt_convoy_add_bead'>): Promise<ToolAnswer> => {
  const view = await addConvoyBead(ports, { ...(await actOf(ports, caller, input.convoy_id)), beadId: input.bead_id });
  return { data: convoyData(view), sentence: `${input.bead_id} is a member of ${input.convoy_id}.` };
};

export const convoyRemoveBead = async (ports: Ports, caller: AgentIdentity, input: Input<'gt_convoy_remove_bead'>): Promise<ToolAnswer> => {
  const view = await removeConvoyBead(ports, { ...(await actOf(ports, caller, input.convoy_id)), beadId: input.bead_id });
  return { data: convoyData(view), sentence: `${input.bead_id} is no member of ${input.convoy_id} any more; if it was open, it is held.` };
};

export const convoyClose = async (ports: Ports, caller: AgentIdentity, input: Input<'gt_convoy_close'>): Promise<ToolAnswer> => {
  const act = await actOf(ports, caller, input.convoy_id);
  const view = await closeConvoy(ports, { ...act, reason: input.reason, cancelMembers: input.cancel_members ?? false });
  return { data: convoyData(view), sentence: view.sentence };
};
