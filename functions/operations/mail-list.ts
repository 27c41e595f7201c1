// Mail as people look through it: filtered, newest change first.
import { isUnread } from '../domain/inbox.ts';
import { isMessage } from '../domain/bead-writes.ts';
import type { Bead } from '../contracts/bead.schema.ts';
import type { Page, PageRequest, Ports } from '../ports.ts';
import { everyStatus } from './lists.ts';
import { mergedBeads } from './merged-pages.ts';

export interface MailFilter {
  readonly to?: string | undefined;
  readonly from?: string | undefined;
  readonly thread?: string | undefined;
  readonly undelivered?: 'true' | 'false' | undefined;
}
/** Index pages read for one filtered page at most; a page may then be short and still have a cursor. */
const pagesPerFilter = 5;

const fits = (bead: Bead, { to, from, thread, undelivered }: MailFilter): boolean =>
  isMessage(bead) &&
  (to === undefined || bead.details.to === to || bead.details.sentTo === to) &&
  (from === undefined || bead.details.from === from) &&
  (thread === undefined || bead.details.threadId === thread || bead.beadId === thread) &&
  (undelivered === undefined || isUnread(bead) === (undelivered === 'true'));

/** Throws `BadCursor`. */
export const listMail = async (ports: Ports, townId: string, filter: MailFilter, page: PageRequest): Promise<Page<Bead>> => {
  const statuses = filter.undelivered === 'true' ? (['open'] as const) : everyStatus;
  const items: Bead[] = [];
  let cursor = page.cursor;
  for (let read = 0; read < pagesPerFilter; read += 1) {
    const found = await mergedBeads(ports, { townId, type: 'message', statuses }, { limit: page.limit - items.length, cursor });
    items.push(...found.items.filter((bead) => fits(bead, filter)));
    cursor = found.cursor;
    if (cursor === undefined || items.length >= page.limit) break;
  }
  return cursor === undefined ? { items } : { items, cursor };
};
