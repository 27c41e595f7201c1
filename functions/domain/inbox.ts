// How much unread mail is put before a model at once, and who reads what was addressed to more than one. Pure.
import type { Agent } from '../contracts/agent.schema.ts';
import type { Bead, BeadOf } from '../contracts/bead.schema.ts';
import { isLive } from './agent-state.ts';
import { isMessage } from './bead-writes.ts';
import { withinBudget } from './prompts/quote.ts';
import { counted } from './words.ts';

export type MessageBead = Bead & BeadOf<'message'>;

/** Of one prompt or one answer: an inbox must never fill the context. */
export const inboxLimits = { messages: 20, bytes: 32 * 1024 } as const;

const encoder = new TextEncoder();
const bytesOf = ({ title, body }: MessageBead): number => encoder.encode(title).length + encoder.encode(body).length;

export interface InboxDigest {
  /** Oldest first; a single letter that is too long is cut. */
  readonly shown: readonly MessageBead[];
  /** Letters that did not fit. */
  readonly left: number;
}
/** The oldest letters, at most 20 and 32 KB; the rest is a number. */
export const inboxDigest = (mails: readonly MessageBead[]): InboxDigest => {
  const oldestFirst = mails.toSorted((one, other) =>
    one.createdAt === other.createdAt ? (one.beadId < other.beadId ? -1 : 1) : one.createdAt < other.createdAt ? -1 : 1,
  );
  const shown: MessageBead[] = [];
  let bytes = 0;
  for (const mail of oldestFirst) {
    if (shown.length >= inboxLimits.messages) break;
    const size = bytesOf(mail);
    if (shown.length > 0 && bytes + size > inboxLimits.bytes) break;
    shown.push(
      size <= inboxLimits.bytes ? mail : { ...mail, body: withinBudget(mail.body, inboxLimits.bytes - encoder.encode(mail.title).length) },
    );
    bytes += size;
  }
  return { shown, left: mails.length - shown.length };
};

/** What is said about the letters that did not fit; empty when there are none. */
export const restSentence = (left: number): string =>
  left === 0 ? '' : `${counted(left, 'more message')} ${left === 1 ? 'waits' : 'wait'}; gt_mail_check reads the next ones.`;

/** An open message that nobody has read yet. */
export const isUnread = (bead: Bead): bead is MessageBead =>
  isMessage(bead) && bead.status === 'open' && bead.details.deliveredAt === undefined;

/** May the agent take this message? What goes to a role or to a role's queue is for any agent of the role, and the first has it. */
export const mayRead = (mail: MessageBead, agent: Pick<Agent, 'agentId' | 'role'>): boolean =>
  [agent.agentId, `role:${agent.role}`, `queue:${agent.role}`].includes(mail.details.to);

/** Mail that is put into the agent's session by itself: its own, and that of its role when it is the first of the role. A queue is asked for. */
export const pushedMail = (mails: readonly MessageBead[], agent: Agent, agents: readonly Agent[]): MessageBead[] => {
  const first = agents
    .filter((other) => other.role === agent.role && isLive(other))
    .map((other) => other.agentId)
    .toSorted()[0];
  return mails.filter(({ details: { to } }) => to === agent.agentId || (to === `role:${agent.role}` && agent.agentId === first));
};
