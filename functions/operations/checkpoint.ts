// A short note of a working agent about where it is, kept on the bead for whoever goes on.
import { isIssue, writesOf } from '../domain/bead-writes.ts';
import { newEvent } from '../domain/new-bead.ts';
import { revised } from '../domain/transition.ts';
import type { Ports } from '../ports.ts';
import { unprocessable } from '../api/problems.ts';
import { hookOf } from './agent-caller.ts';
import type { AgentIdentity } from './agent-caller.ts';
import { isoNow, momentOf, transact } from './transact.ts';

/** Replaces the bead's note. Errors: 422 for a bead that keeps none (a merge request). */
export const checkpoint = (ports: Ports, caller: AgentIdentity, note: string): Promise<string> =>
  transact(ports, 'The bead', async () => {
    const { bead } = await hookOf(ports, caller);
    if (!isIssue(bead)) throw unprocessable('A review keeps no note; decide with gt_approve or gt_request_changes.');
    const at = isoNow(ports);
    const after = revised(bead, { details: { ...bead.details, checkpoint: note } }, at);
    const event = newEvent(
      { townId: caller.townId, eventId: ports.ids.ulid(), type: 'fields_updated', actor: `agent:${caller.agentId}`, at },
      { beadId: bead.beadId, agentId: caller.agentId, data: { field: 'checkpoint' } },
    );
    return { writes: writesOf([{ before: bead, after }], event, momentOf(ports)), result: bead.beadId };
  });
