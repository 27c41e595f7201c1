// A person's conversation with the Mayor: what is said is stored with the work item that makes the Mayor answer.
import type { z } from 'zod';
import { mayorMessageSchema } from '../contracts/town.schema.ts';
import type { MayorMessage } from '../contracts/town.schema.ts';
import type { routes } from '../contracts/routes.ts';
import { beadIdSchema } from '../contracts/primitives.schema.ts';
import { putWork, workItem } from '../domain/bead-writes.ts';
import { newEvent } from '../domain/new-bead.ts';
import type { Ports } from '../ports.ts';
import { actOnce } from './once.ts';
import { isoNow, momentOf } from './transact.ts';

export type SayInput = z.infer<(typeof routes.sayToMayor)['body']>;
type Context = NonNullable<SayInput['context']>;

/** An open bead is kept only when it is one of this town. */
const checkedContext = async (ports: Ports, townId: string, context: Context): Promise<Context> => {
  const { openBeadId, ...rest } = context;
  const named = beadIdSchema.safeParse(openBeadId);
  const bead = named.success ? await ports.store.get('bead', { townId, beadId: named.data }) : undefined;
  return bead === undefined ? rest : { ...rest, openBeadId: bead.beadId };
};

/** Stores a message as queued; the Mayor is started for it. The event names the message, not its text: the conversation is the person's own. */
export const sayToMayor = (
  ports: Ports,
  request: { readonly townId: string; readonly userId: string; readonly input: SayInput; readonly idempotencyKey?: string | undefined },
): Promise<MayorMessage> => {
  const { townId, userId, input } = request;
  const once = {
    what: 'The message',
    scope: townId,
    key: request.idempotencyKey,
    act: 'sayToMayor',
    request: { userId, input },
    answer: mayorMessageSchema,
  };
  return actOnce(ports, once, async () => {
    const at = isoNow(ports);
    const moment = momentOf(ports);
    const messageId = ports.ids.ulid();
    const context = input.context === undefined ? undefined : await checkedContext(ports, townId, input.context);
    const message: MayorMessage = {
      townId,
      userId,
      messageId,
      role: 'user',
      text: input.text,
      state: 'queued',
      ...(context === undefined ? {} : { context }),
      at,
      version: 1,
    };
    const event = newEvent(
      { townId, eventId: ports.ids.ulid(), type: 'mayor_message', actor: `user:${userId}`, at },
      { agentId: 'mayor', data: { messageId, role: 'user' } },
    );
    return {
      writes: [
        { put: 'mayorMessage', item: message, when: { absent: true } },
        putWork(workItem(townId, 'mayor', `${userId}#${messageId}`, moment.nowMs, moment.stamp)),
        { put: 'event', item: event, when: 'none' },
      ],
      result: message,
    };
  });
};
