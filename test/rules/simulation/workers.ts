// How simulated agents work: well, badly, dishonestly or not at all. What they call are the real tools' operations.
import type { Assignment } from '../../../functions/contracts/runner.schema.ts';
import type { TriageAction } from '../../../functions/contracts/triage.schema.ts';
import { triageActions } from '../../../functions/contracts/triage.schema.ts';
import { isIssue } from '../../../functions/domain/bead-writes.ts';
import { ProblemError } from '../../../functions/api/problems.ts';
import { agentOf } from '../../../functions/operations/agent-caller.ts';
import type { AgentIdentity } from '../../../functions/operations/agent-caller.ts';
import { recordDiscovery } from '../../../functions/operations/discovered.ts';
import { done } from '../../../functions/operations/done.ts';
import { escalate } from '../../../functions/operations/escalate.ts';
import { acknowledge } from '../../../functions/operations/escalations.ts';
import { checkMail, sendAgentMail } from '../../../functions/operations/mail.ts';
import { advanceByAgent, currentForAgent } from '../../../functions/operations/molecules.ts';
import { pushCheck } from '../../../functions/operations/push-check.ts';
import { openCases, resolveTriage } from '../../../functions/operations/triage.ts';
import { giveVerdict } from '../../../functions/operations/verdict.ts';
import type { Ports } from '../../../functions/ports.ts';
import { StoreUnavailable } from '../../../functions/store-errors.ts';
import { ServiceUnreachable } from './machines.ts';
import type { Random } from './random.ts';
import type { Trouble } from './trouble.ts';

/** A refusal and a service that cannot be reached are answers; everything else is a defect of the product or of the simulation. */
export const refused = (error: unknown): void => {
  if (!(error instanceof ProblemError || error instanceof StoreUnavailable || error instanceof ServiceUnreachable)) throw error;
};

export interface Shift {
  readonly ports: Ports;
  readonly random: Random;
  readonly trouble: Trouble;
  readonly caller: AgentIdentity;
  readonly assignment: Assignment;
  readonly nextSha: () => string;
}

/** The steps of the bead, one after the other; a kill may come between any two. False when the bead was put down at a gate. */
const workThrough = async ({ ports, caller, random }: Shift): Promise<boolean> => {
  let at = await currentForAgent(ports, caller);
  while (at.position.current !== undefined && !at.released)
    at = await advanceByAgent(ports, caller, { stepId: at.position.current.stepId, outcome: 'done', loopDone: random.chance(0.5) });
  return !at.released;
};

const push = async ({ ports, caller, nextSha }: Shift, rigId: string, branch: string): Promise<void> => {
  const lease = await ports.store.get('lease', { townId: caller.townId });
  if (lease === undefined) return;
  const { agentId, epoch } = caller;
  await pushCheck(ports, lease, {
    phase: 'after',
    agentId,
    epoch,
    rigId,
    branch,
    sha: nextSha(),
    baseSha: '0'.repeat(40),
    aheadBy: 1,
    commits: [],
  });
};

const aside = async ({ ports, caller, trouble }: Shift): Promise<void> => {
  if (trouble.hits('agentAsksForHelp'))
    await escalate(ports, caller, { severity: 'medium', category: 'help', title: 'How?', message: 'I cannot find it.' });
  if (trouble.hits('agentFindsWork'))
    await recordDiscovery(ports, caller, { title: 'A bug', body: '', issueType: 'bug', priority: 'low', labels: [] }, ports.ids.ulid());
  if (trouble.hits('agentMails'))
    await sendAgentMail(ports, caller, { to: 'role:mayor', subject: 'A word', body: 'It is odd.', idempotencyKey: ports.ids.ulid() });
};

const polecat = async (shift: Shift): Promise<void> => {
  const { ports, caller, trouble, random, assignment } = shift;
  const bead =
    assignment.bead === undefined ? undefined : await ports.store.get('bead', { townId: caller.townId, beadId: assignment.bead.beadId });
  if (bead === undefined || !isIssue(bead)) return;
  await aside(shift);
  if (trouble.hits('agentStopsEarly')) return;
  const branch = assignment.workspace.kind === 'branch' ? assignment.workspace.branch : 'none';
  const lies = trouble.hits('agentLies');
  const kind = lies ? random.pick(['nothing pushed', 'wrong branch']) : 'honest';
  if (kind !== 'nothing pushed' && bead.details.kind !== 'no-code' && bead.rigId !== undefined) await push(shift, bead.rigId, branch);
  if (bead.details.moleculeId !== undefined && !(await workThrough(shift))) return;
  await done(ports, caller, { branch: kind === 'wrong branch' ? 'gt/somebody/else' : branch, summary: 'It is done.' });
};

const refinery = async ({ ports, caller, trouble }: Shift): Promise<void> => {
  if (trouble.hits('refinerySilent')) return;
  const changes = trouble.hits('refineryWantsChanges');
  await giveVerdict(
    ports,
    caller,
    changes ? { outcome: 'changes', summary: 'Please name it better.' } : { outcome: 'approved', summary: 'Good.' },
  );
};

const decisions = Object.keys(triageActions) as [TriageAction, ...TriageAction[]];
const triage = async ({ ports, caller, random, trouble }: Shift): Promise<void> => {
  if (trouble.hits('triageFails')) return;
  const agent = await agentOf(ports, caller);
  for (const { id } of await openCases(ports, agent))
    await resolveTriage(ports, caller, { request: String(id), action: random.pick(decisions), notes: 'So be it.' }).catch(refused);
};

const mayor = async ({ ports, caller, random }: Shift): Promise<void> => {
  const { townId } = caller;
  await checkMail(ports, caller);
  const escalations = (await ports.store.workOf(townId)).filter(({ kind }) => kind === 'escalation');
  for (const { workId } of escalations)
    if (random.chance(0.5)) await acknowledge(ports, { townId, escalationId: workId, actor: 'agent:mayor' }).catch(refused);
};

const roles = { polecat, refinery, triage, mayor, crew: polecat } as const;
/** One turn of an agent. */
export const workTurn = (shift: Shift): Promise<void> => roles[shift.assignment.role](shift).catch(refused);
