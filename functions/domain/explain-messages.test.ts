import { describe, expect, it } from 'vitest';
import { aMail, aTown, anEscalation, iso, nowMs } from '../../test/rules/build.ts';
import { escalationReason, mailReason } from './explain-messages.ts';
import { isUnread } from './inbox.ts';
import type { MessageBead } from './inbox.ts';

const mail = (to: string, details: Partial<MessageBead['details']> = {}): MessageBead => {
  const bead = aMail('hq-m001', to);
  if (!isUnread(bead)) throw new Error('not unread');
  return { ...bead, details: { ...bead.details, ...details } };
};
const hour = 3_600_000;

describe('why nothing happens', () => {
  it('to mail: who is to read it, and until when', () => {
    expect(mailReason(mail('role:refinery'), nowMs + hour).message).toBe(
      'It waits to be read by the refinery; unread, it expires in 167 hours.',
    );
    expect(mailReason(mail('queue:polecat'), nowMs).message).toContain('the first that asks the queue polecat');
    expect(mailReason(mail('role:mayor', { wakes: false }), nowMs).message).toBe(
      'The Mayor reads it when it runs for another reason; it is not started for this.',
    );
  });
  it('to an escalation: who has heard of it, and when it is raised', () => {
    expect(escalationReason(anEscalation('hq-esc1', { severity: 'low' }), aTown(), nowMs + 3 * hour).message).toBe(
      'It waits for somebody to acknowledge it (low). It is only on record. Unacknowledged, it is raised in 60 minutes.',
    );
    expect(escalationReason(anEscalation('hq-esc1', { severity: 'critical', rounds: 3, raisedAt: iso() }), aTown(), nowMs).message).toBe(
      'It waits for somebody to acknowledge it (critical). The Mayor has mail about it. Every channel was notified. It was raised 3 times. It is not raised any more.',
    );
  });
});
