// One event, in the feed or on a timeline.
import { Show, createMemo } from 'solid-js';
import type { TownEvent } from '../../../functions/contracts/event.schema.ts';
import { session } from '../api/session.ts';
import { DrawerLink } from '../drawers/drawer-link.tsx';
import { eventWords } from '../words/events.ts';
import { Brief } from './brief.tsx';
import { Icon } from './icon.tsx';
import { Time } from './time.tsx';
import type { TitleOf } from './titles.ts';

interface Props {
  readonly event: TownEvent;
  readonly titleOf: TitleOf;
  /** The list is about many beads, so each line names its own. */
  readonly showsBead: boolean;
  readonly isFresh?: boolean;
}

export const FeedItem = (props: Props) => {
  const words = createMemo(() => eventWords(props.event, { userId: session()?.userId, titleOf: props.titleOf }));
  const title = () => {
    const { mergeRequestId } = props.event.data;
    const known = props.titleOf(props.event.beadId) ?? (typeof mergeRequestId === 'string' ? props.titleOf(mergeRequestId) : undefined);
    // The sentence says it already.
    return known === words().detail ? undefined : known;
  };
  return (
    <div class="feed-item" classList={{ fresh: props.isFresh === true }}>
      <span class={`mark ${words().tone}`}>
        <Icon name={words().icon} />
      </span>
      <div class="what">
        <span>{words().text}</span>
        <Show when={words().detail}>
          <span class="detail">
            {' '}
            · <Brief text={words().detail ?? ''} />
          </span>
        </Show>
        <Show when={props.showsBead && props.event.beadId}>
          {(beadId) => (
            <div>
              <Show
                when={title()}
                fallback={
                  <DrawerLink kind="bead" to={beadId()} class="id">
                    {beadId()}
                  </DrawerLink>
                }
              >
                <DrawerLink kind="bead" to={beadId()} class="about">
                  {title()}
                </DrawerLink>{' '}
                <span class="id">{beadId()}</span>
              </Show>
            </div>
          )}
        </Show>
      </div>
      <Time at={props.event.at} />
    </div>
  );
};
