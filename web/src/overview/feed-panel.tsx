// The live feed of the town.
import { For, Show, Suspense, createMemo, createSignal } from 'solid-js';
import { useTown } from '../live/town-live.tsx';
import { FeedItem } from '../parts/feed-item.tsx';
import { Bones, Empty, Panel, Spinner } from '../parts/pieces.tsx';
import { useTitles } from '../parts/titles.ts';

const shownAtFirst = 60;

export const FeedPanel = () => {
  const { feed } = useTown();
  const titleOf = useTitles();
  const openedAt = new Date().toISOString();
  const [limit, setLimit] = createSignal(shownAtFirst);
  const byId = createMemo(() => new Map((feed.events() ?? []).map((event) => [event.eventId, event])));
  const ids = createMemo(() => [...byId().keys()].slice(0, limit()));
  const hasMore = () => byId().size > limit() || feed.hasOlder();
  const more = (): void => {
    if (byId().size <= limit() + shownAtFirst && feed.hasOlder()) void feed.loadOlder().catch(() => undefined);
    setLimit((now) => now + shownAtFirst);
  };
  return (
    <Panel title="Live feed" label="Live feed">
      <Suspense>
        <Show when={feed.events()} fallback={<Bones />}>
          <div class="feed-scroll" tabindex="0" role="region" aria-label="Events">
            <ul data-testid="feed" aria-label="Feed">
              <For
                each={ids()}
                fallback={<Empty title="Nothing has happened yet">Every step of every agent shows up here as it happens.</Empty>}
              >
                {(id) => {
                  const event = byId().get(id);
                  return event === undefined ? undefined : (
                    <li data-event-type={event.type}>
                      <FeedItem event={event} titleOf={titleOf} showsBead isFresh={event.at > openedAt} />
                    </li>
                  );
                }}
              </For>
            </ul>
            <Show when={hasMore()}>
              <div style={{ padding: '8px 16px 14px' }}>
                <button type="button" class="button quiet" onClick={more} disabled={feed.isLoadingOlder()}>
                  <Show when={feed.isLoadingOlder()}>
                    <Spinner />
                  </Show>
                  Show older
                </button>
              </div>
            </Show>
          </div>
        </Show>
      </Suspense>
    </Panel>
  );
};
