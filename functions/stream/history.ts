// What a write means to search: documents that are made from it. Outside of every transaction, and harmless when repeated.
import { z } from 'zod';
import type { Bead } from '../contracts/bead.schema.ts';
import type { TownEvent } from '../contracts/event.schema.ts';
import { filePathSchema } from '../contracts/search.schema.ts';
import { isIssue } from '../domain/bead-writes.ts';
import { askedDocument, eventDocument, resultDocument, saysTheSame } from '../domain/search/document.ts';
import { transcriptDocument } from '../domain/search/transcript.ts';
import type { Items, Ports, Write } from '../ports.ts';
import { itemChanges } from './react.ts';
import type { ItemChange } from './react.ts';

/** Something of which search must hear. */
export type News =
  | { readonly kind: 'bead'; readonly bead: Bead }
  | { readonly kind: 'edited'; readonly townId: string; readonly beadId: string }
  | { readonly kind: 'event'; readonly event: TownEvent }
  | { readonly kind: 'talk'; readonly batch: Items['sessionBatch'] };

const editedFields: readonly unknown[] = ['title', 'body', 'labels'];
const isEdit = (event: TownEvent): event is TownEvent & { readonly beadId: string } => {
  const changed = event.data['changed'];
  return (
    event.type === 'fields_updated' &&
    event.beadId !== undefined &&
    Array.isArray(changed) &&
    changed.some((field) => editedFields.includes(field))
  );
};
/** New ones, and issues that have been handed in or are over; between, nothing is said that one would look for. */
const hasResult = (bead: Bead): boolean => isIssue(bead) && ['in_review', 'closed', 'failed'].includes(bead.status);
const isTold = (bead: Bead): boolean => bead.deletingAt === undefined && (bead.version === 1 || hasResult(bead));

const newsOf = (change: ItemChange): News[] => {
  if (change.removed) return [];
  switch (change.name) {
    case 'bead':
      return isTold(change.item) ? [{ kind: 'bead', bead: change.item }] : [];
    case 'event':
      if (isEdit(change.item)) return [{ kind: 'edited', townId: change.item.townId, beadId: change.item.beadId }];
      return eventDocument(change.item) === undefined ? [] : [{ kind: 'event', event: change.item }];
    case 'sessionBatch':
      return transcriptDocument(change.item) === undefined ? [] : [{ kind: 'talk', batch: change.item }];
    default:
      return [];
  }
};
export const newsIn = (changes: readonly ItemChange[]): News[] => changes.flatMap(newsOf);

type Reach = Pick<Ports, 'store' | 'search'>;

/** The push is mostly the event before the one that handed it in. */
const eventsRead = [2, 10] as const;
const filesSchema = z.array(filePathSchema);
const filesPushed = async (ports: Reach, { townId, beadId }: Bead): Promise<readonly string[]> => {
  let cursor: string | undefined;
  for (const limit of eventsRead) {
    const page = await ports.store.eventsOf(townId, { beadId, newestFirst: true }, { limit, cursor });
    const push = page.items.find((event) => event.data['field'] === 'pushed');
    if (push !== undefined) return filesSchema.safeParse(push.data['files']).data ?? [];
    if (page.cursor === undefined) return [];
    cursor = page.cursor;
  }
  return [];
};

/** Later changes of a bead that is over say nothing new, and are not asked for files again. */
const recordResult = async (ports: Reach, bead: Bead): Promise<void> => {
  const plain = resultDocument(bead);
  if (plain === undefined) return;
  const known = await ports.search.get(plain);
  const again = known === undefined ? undefined : resultDocument(bead, known.files);
  if (known !== undefined && again !== undefined && saysTheSame(known, again)) return;
  const document = resultDocument(bead, known?.files ?? (plain.kind === 'commit' ? await filesPushed(ports, bead) : []));
  if (document !== undefined) await ports.search.put(document);
};

const recordBead = async (ports: Reach, bead: Bead): Promise<void> => {
  const asked = askedDocument(bead);
  if (asked !== undefined) await ports.search.put(asked);
  if (hasResult(bead)) await recordResult(ports, bead);
};

const record = async (ports: Reach, news: News): Promise<void> => {
  if (news.kind === 'bead') return recordBead(ports, news.bead);
  if (news.kind === 'edited') {
    const bead = await ports.store.get('bead', { townId: news.townId, beadId: news.beadId });
    return bead?.deletingAt !== undefined || bead === undefined ? undefined : recordBead(ports, bead);
  }
  const document = news.kind === 'event' ? eventDocument(news.event) : transcriptDocument(news.batch);
  return document === undefined ? undefined : ports.search.put(document);
};

const townOf = (news: News): string => {
  if (news.kind === 'edited') return news.townId;
  return news.kind === 'bead' ? news.bead.townId : news.kind === 'event' ? news.event.townId : news.batch.townId;
};

/** A town that is being removed keeps no memory: nothing is written behind what was removed. Throws `StoreUnavailable`. */
export const recordHistory = async (ports: Reach, news: readonly News[]): Promise<void> => {
  for (const townId of new Set(news.map(townOf))) {
    const town = await ports.store.get('town', { townId });
    if (town === undefined || town.deletedAt !== undefined) continue;
    for (const one of news) if (townOf(one) === townId) await record(ports, one);
  }
};

/** The news in one committed transaction. */
export const newsInWrites = (writes: readonly Write[]): News[] => newsIn(itemChanges(writes));
