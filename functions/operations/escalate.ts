// Tells people that something needs them. The escalation is a bead of its own; the work it is about goes on unless somebody holds it.
import type { Bead, BeadOf } from '../contracts/bead.schema.ts';
import { writesOf } from '../domain/bead-writes.ts';
import { newBead, newEvent } from '../domain/new-bead.ts';
import type { Ports } from '../ports.ts';
import { agentOf } from './agent-caller.ts';
import { triageWrites } from './ask-triage.ts';
import type { AgentIdentity } from './agent-caller.ts';
import { requesterOf } from './requester.ts';
import { isoNow, momentOf, transact } from './transact.ts';

type Escalation = BeadOf<'escalation'>['details'];
export interface EscalateInput {
  readonly severity: Escalation['severity'];
  readonly category: Escalation['category'];
  readonly title: string;
  readonly message: string;
  readonly context?: Escalation['context'];
}

/** Records an escalation about the bead on the caller's hook, if any. */
export const escalate = (ports: Ports, caller: AgentIdentity, input: EscalateInput): Promise<Bead> =>
  transact(ports, 'The escalation', async () => {
    const agent = await agentOf(ports, caller);
    const about =
      agent.hookBeadId === undefined ? undefined : await ports.store.get('bead', { townId: caller.townId, beadId: agent.hookBeadId });
    const at = isoNow(ports);
    const bead = newBead(
      {
        townId: caller.townId,
        beadId: `hq-${ports.ids.base36(5)}`,
        title: input.title,
        requestedBy: about?.requestedBy ?? (await requesterOf(ports, caller.townId)),
        createdBy: `agent:${caller.agentId}`,
        at,
        details: {
          type: 'escalation',
          severity: input.severity,
          category: input.category,
          source: `agent:${caller.agentId}`,
          ...(about === undefined ? {} : { aboutBeadId: about.beadId }),
          ...(input.context === undefined ? {} : { context: input.context }),
        },
      },
      { body: input.message, priority: input.severity, ...(about?.rigId === undefined ? {} : { rigId: about.rigId }) },
    );
    const event = newEvent(
      { townId: caller.townId, eventId: ports.ids.ulid(), type: 'escalated', actor: `agent:${caller.agentId}`, at },
      {
        beadId: about?.beadId ?? bead.beadId,
        agentId: caller.agentId,
        new: input.title,
        data: { escalationId: bead.beadId, severity: input.severity, category: input.category },
      },
    );
    // A cry for help is a case for triage as well, so that it is heard while people sleep.
    const asked =
      input.category === 'help'
        ? await triageWrites(ports, { agent, kind: 'help', reason: `${input.title}: ${input.message}`, beadId: about?.beadId })
        : [];
    return { writes: writesOf([{ after: bead }], event, momentOf(ports), asked), result: bead };
  });
