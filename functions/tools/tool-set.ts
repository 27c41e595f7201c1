// Every tool by name: what it does when its arguments fit. One table, so that a tool without an implementation is a type error.
import type { z } from 'zod';
import { tools } from '../contracts/tools.schema.ts';
import type { ToolName } from '../contracts/tools.schema.ts';
import { isCrew } from '../domain/agent-state.ts';
import { checkpoint } from '../operations/checkpoint.ts';
import { noteCrew } from '../operations/crew-work.ts';
import { done } from '../operations/done.ts';
import { escalate } from '../operations/escalate.ts';
import { acknowledge } from '../operations/escalations.ts';
import { sendAgentMail } from '../operations/mail.ts';
import { sendNudge } from '../operations/nudge.ts';
import { prime } from '../operations/prime.ts';
import { agentOf } from '../operations/agent-caller.ts';
import type { AgentIdentity } from '../operations/agent-caller.ts';
import { resolveTriage } from '../operations/triage.ts';
import { requesterOf } from '../operations/requester.ts';
import { giveVerdict } from '../operations/verdict.ts';
import { personaOf } from '../operations/personas.ts';
import type { Ports } from '../ports.ts';
import { ProblemError } from '../api/problems.ts';
import { archive, closeOne, createFound, depend, listAgents, reassign, remove, retry, undepend, update } from './bead-tools.ts';
import { convoyAddBead, convoyClose, convoyList, convoyRemoveBead, convoyStart, convoyStatus, convoyUpdate } from './convoy-tools.ts';
import { endAgent } from './agent-tools.ts';
import { cost } from './cost-tools.ts';
import { claim, giveBack } from './crew-tools.ts';
import { formulaCook, formulaList, formulaPour, molAdvance, molCurrent } from './formula-tools.ts';
import { note, search } from './history-tools.ts';
import { batch, listBeads, listRigs, sling } from './mayor-tools.ts';
import { personaInstall, personaList } from './persona-tools.ts';
import { beadStatus, mailCheck } from './shared-tools.ts';
import { answerText } from './tool-answer.ts';
import type { ToolAnswer } from './tool-answer.ts';
import { argumentSentence } from './tool-input.ts';

type Input<N extends ToolName> = z.output<(typeof tools)[N]['input']>;
type ToolSet = { readonly [N in ToolName]: (ports: Ports, caller: AgentIdentity, input: Input<N>) => Promise<ToolAnswer> };

const verdictSentence = 'Your verdict is recorded and your hook is empty. End your turn now.';

export const toolSet: ToolSet = {
  gt_persona_list: personaList,
  gt_persona_install: personaInstall,
  gt_list_rigs: (ports, caller) => listRigs(ports, caller),
  gt_list_beads: listBeads,
  gt_sling: sling,
  gt_sling_batch: batch,
  gt_convoy_status: convoyStatus,
  gt_cost: cost,
  gt_bead_claim: claim,
  gt_bead_release: giveBack,
  gt_agent_reset: (ports, caller, input) => endAgent(ports, caller, 'reset', input),
  gt_agent_stop: (ports, caller, input) => endAgent(ports, caller, 'stop', input),
  gt_convoy_start: convoyStart,
  gt_list_convoys: convoyList,
  gt_convoy_update: convoyUpdate,
  gt_convoy_add_bead: convoyAddBead,
  gt_convoy_remove_bead: convoyRemoveBead,
  gt_convoy_close: convoyClose,
  gt_bead_create: createFound,
  gt_bead_close: closeOne,
  gt_bead_update: update,
  gt_bead_add_dependency: depend,
  gt_bead_remove_dependency: undepend,
  gt_bead_reassign: reassign,
  gt_bead_delete: remove,
  gt_bead_archive: archive,
  gt_bead_retry: retry,
  gt_list_agents: (ports, caller) => listAgents(ports, caller),
  gt_prime: (ports, caller) => prime(ports, caller),
  gt_bead_status: (ports, caller, input) => beadStatus(ports, caller, input.bead_id, input.body_from),
  gt_done: async (ports, caller, input) => {
    const { sentence, ...data } = await done(ports, caller, { ...input, pullRequestUrl: input.pr_url });
    return { data: { ...data }, sentence };
  },
  gt_request_changes: async (ports, caller, input) => {
    const { requestId, verdict } = await giveVerdict(ports, caller, {
      outcome: 'changes',
      summary: input.feedback,
      files: input.files,
      comments: input.comments,
    });
    return { data: { merge_request: requestId, outcome: verdict.outcome }, sentence: verdictSentence };
  },
  gt_approve: async (ports, caller, input) => {
    const { requestId, verdict } = await giveVerdict(ports, caller, { outcome: 'approved', summary: input.summary, score: input.score });
    return { data: { merge_request: requestId, outcome: verdict.outcome }, sentence: verdictSentence };
  },
  gt_escalate: async (ports, caller, input) => {
    const bead = await escalate(ports, caller, input);
    return { data: { escalation: bead.beadId }, sentence: 'People can see it now. Go on with what you can do meanwhile.' };
  },
  gt_escalation_acknowledge: async (ports, caller, input) => {
    await agentOf(ports, caller);
    const bead = await acknowledge(ports, {
      townId: caller.townId,
      escalationId: input.escalation_id,
      actor: `agent:${caller.agentId}`,
      note: input.note,
    });
    return { data: { escalation: bead.beadId, status: bead.status }, sentence: `${bead.beadId} is acknowledged; it is not raised again.` };
  },
  gt_mail_send: async (ports, caller, input) => {
    const { reply_to: replyTo, thread: threadId, ...letter } = input;
    const mails = await sendAgentMail(ports, caller, { ...letter, replyTo, threadId });
    return {
      data: { mail: mails.map((mail) => mail.beadId), to: input.to },
      sentence: 'Sent. Do not wait for an answer: go on with what you can do.',
    };
  },
  gt_mail_check: mailCheck,
  gt_nudge: async (ports, caller, input) => {
    const agent = await agentOf(ports, caller);
    const about =
      agent.hookBeadId === undefined ? undefined : await ports.store.get('bead', { townId: caller.townId, beadId: agent.hookBeadId });
    const { sentence, ...data } = await sendNudge(ports, {
      townId: caller.townId,
      to: input.agent,
      from: `agent:${caller.agentId}`,
      requestedBy: about?.requestedBy ?? (await requesterOf(ports, caller.townId)),
      input: { text: input.message, mode: input.mode, priority: input.priority, expiresInSeconds: input.expires_in_seconds },
    });
    return { data: { ...data }, sentence };
  },
  gt_triage_resolve: async (ports, caller, input) => {
    const { sentence, ...data } = await resolveTriage(ports, caller, input);
    return { data: { ...data }, sentence };
  },
  gt_checkpoint: async (ports, caller, input) => ({
    data: { bead: await checkpoint(ports, caller, input.note) },
    sentence: 'Saved. Go on.',
  }),
  gt_formula_list: formulaList,
  gt_formula_cook: formulaCook,
  gt_formula_pour: formulaPour,
  gt_mol_current: (ports, caller) => molCurrent(ports, caller),
  gt_mol_advance: molAdvance,
  gt_search: search,
  gt_note: note,
};

export const isToolName = (name: string): name is ToolName => Object.hasOwn(tools, name);
export const toolsFor = (role: AgentIdentity['role']): ToolName[] =>
  Object.keys(tools)
    .filter(isToolName)
    .filter((name) => tools[name].roles.some((allowed) => allowed === role));

/** The role's tools without those that the caller's persona does not have. */
export const toolsOf = async (
  ports: Ports,
  { townId, role, personaId }: Pick<AgentIdentity, 'townId' | 'role' | 'personaId'>,
): Promise<ToolName[]> => {
  const worn = personaId === undefined || role === 'mayor' ? undefined : await personaOf(ports, townId, personaId);
  return toolsFor(role).filter((name) => worn?.withoutTools?.includes(name) !== true);
};

export interface ToolOutcome {
  readonly text: string;
  readonly isError: boolean;
}
const failed = (text: string): ToolOutcome => ({ text, isError: true });

const run = async (ports: Ports, caller: AgentIdentity, name: ToolName, args: unknown): Promise<ToolOutcome> => {
  const parsed = tools[name].input.safeParse(args ?? {});
  if (!parsed.success) return failed(argumentSentence(name, parsed.error));
  // The epoch of the stored agent is checked before every call: a replaced agent reads and changes nothing.
  const agent = await agentOf(ports, caller);
  const { personaId } = agent;
  if (isCrew(agent)) await noteCrew(ports, agent);
  if (personaId !== undefined) {
    const own = await toolsOf(ports, { ...caller, personaId });
    if (!own.includes(name)) return failed(`${name} is not a tool of your persona ${personaId}. Yours are: ${own.join(', ')}.`);
  }
  // The table types each implementation by its own schema, whose output this is.
  return { text: answerText(await toolSet[name](ports, caller, parsed.data as never)), isError: false };
};

/** Carries out one call. What the agent can repair comes back as an error text, everything else is thrown. */
export const callTool = async (ports: Ports, caller: AgentIdentity, name: string, args: unknown): Promise<ToolOutcome> => {
  const allowed = toolsFor(caller.role);
  if (!isToolName(name) || !allowed.includes(name))
    return failed(`${name} is not a tool of the ${caller.role}. Yours are: ${allowed.join(', ')}.`);
  try {
    return await run(ports, caller, name, args);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const { allowed: next = [] } = error.parts;
    const allowedNext = next.length === 0 ? '' : ` Allowed from here: ${next.join(', ')}.`;
    return failed(`${name} was not done: ${error.parts.detail}${allowedNext}`);
  }
};
