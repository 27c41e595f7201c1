// One event, in the feed or on a timeline.
import { Show } from 'solid-js';
import type { TownEvent } from '../../../functions/contracts/bead.schema.ts';
import { session } from '../api/session.ts';
import { DrawerLink } from '../drawers/drawer-link.tsx';
import { eventWords } from '../words/events.ts';
import { Icon } from './icon.tsx';
import { Time } from './time.tsx';

interface Props {
  readonly event: TownEvent;
  /** Title of the event's bead, when the list is about many beads. */
  readonly title?: string | undefined;
  readonly showsBead: boolean;
  readonly isFresh?: boolean;
}

export const FeedItem = (props: Props) => {
  const words = () => eventWords(props.event, session()?.userId);
  return (
    <div class="feed-item" classList={{ fresh: props.isFresh === true }}>
      <span class={`mark ${words().tone}`}>
        <Icon name={words().icon} />
      </span>
      <div class="what">
        <span>{words().text}</span>
        <Show when={words().detail}>
          <span class="detail"> · {words().detail}</span>
        </Show>
        <Show when={props.showsBead && props.event.beadId}>
          {(beadId) => (
            <div class="row">
              <DrawerLink kind="bead" to={beadId()} class="id">
                {beadId()}
              </DrawerLink>
              <Show when={props.title !== words().detail}>
                <span class="muted tiny ellipsis">{props.title}</span>
              </Show>
            </div>
          )}
        </Show>
      </div>
      <Time at={props.event.at} />
    </div>
  );
};
