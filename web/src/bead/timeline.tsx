// Everything that happened to one bead or one agent, newest first.
import { For, Show, createMemo } from 'solid-js';
import type { Bead } from '../../../functions/contracts/bead.schema.ts';
import type { TownEvent } from '../../../functions/contracts/event.schema.ts';
import { call } from '../api/client.ts';
import { useObserved } from '../api/read.ts';
import { useTown } from '../live/town-live.tsx';
import { FeedItem } from '../parts/feed-item.tsx';
import { Bones, Empty, ErrorNote } from '../parts/pieces.tsx';
import { useTitles } from '../parts/titles.ts';

/** A bead has some dozens of events; the bound keeps a runaway one from filling the page. */
const mostPages = 10;

const readAll = async (
  read: (cursor: string | undefined) => Promise<{ items: TownEvent[]; cursor?: string | undefined }>,
): Promise<TownEvent[]> => {
  const events: TownEvent[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const answer = await read(cursor);
    events.push(...answer.items);
    cursor = answer.cursor;
    if (cursor === undefined || answer.items.length === 0) break;
  }
  return events;
};

/** Its making, for beads that came into being with something else and have no event of it. */
const creationOf = (bead: Bead): TownEvent => ({
  townId: bead.townId,
  eventId: `created-${bead.beadId}`,
  type: 'created',
  actor: bead.createdBy,
  beadId: bead.beadId,
  data: {},
  at: bead.createdAt,
});

type Subject = { readonly beadId: string; readonly bead: Bead } | { readonly agentId: string };

export const Timeline = (props: { readonly of: Subject }) => {
  const { townId } = useTown();
  const titleOf = useTitles();
  const events = useObserved<TownEvent[]>(() => {
    const subject = props.of;
    return {
      queryKey:
        'beadId' in subject ? ['beadEvents', { townId, beadId: subject.beadId }] : ['agentEvents', { townId, agentId: subject.agentId }],
      queryFn: ({ signal }) =>
        readAll((cursor) => {
          const query = { limit: 100, ...(cursor === undefined ? {} : { cursor }) };
          return 'beadId' in subject
            ? call('beadEvents', { params: { townId, beadId: subject.beadId }, query }, { signal })
            : call('agentEvents', { params: { townId, agentId: subject.agentId }, query }, { signal });
        }),
    };
  });
  const newestFirst = createMemo(() => {
    const known = (events.data() ?? []).toReversed();
    return 'bead' in props.of && !known.some((event) => event.type === 'created') ? [...known, creationOf(props.of.bead)] : known;
  });
  return (
    <>
      <ErrorNote error={events.error()} onRetry={events.refetch} />
      <Show
        when={events.data()}
        fallback={
          <Show when={events.isLoading()}>
            <Bones lines={4} />
          </Show>
        }
      >
        <ol class="timeline" data-testid="timeline">
          <For each={newestFirst()} fallback={<Empty title="Nothing yet">Each step is written down here.</Empty>}>
            {(event) => (
              <li>
                <FeedItem event={event} titleOf={titleOf} showsBead={'agentId' in props.of} />
              </li>
            )}
          </For>
        </ol>
      </Show>
    </>
  );
};
