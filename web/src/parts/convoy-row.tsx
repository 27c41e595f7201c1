// One convoy in a list, with its progress.
import { Show } from 'solid-js';
import type { Bead } from '../../../functions/contracts/bead.schema.ts';
import { DrawerLink } from '../drawers/drawer-link.tsx';
import { BeadPill, Progress } from './pieces.tsx';
import { Time } from './time.tsx';

export const ConvoyRow = (props: { readonly convoy: Bead }) => {
  const details = () => (props.convoy.details.type === 'convoy' ? props.convoy.details : undefined);
  return (
    <Show when={details()}>
      {(convoy) => (
        <DrawerLink kind="bead" to={props.convoy.beadId} class="list-row convoy-row" data-bead-id={props.convoy.beadId}>
          <span class="row">
            <strong class="small grow ellipsis">{props.convoy.title}</strong>
            <span class="muted tiny">
              <Time at={props.convoy.updatedAt} />
            </span>
            <BeadPill bead={props.convoy} />
          </span>
          <Progress
            total={convoy().totalBeads}
            closed={convoy().closedBeads}
            failed={convoy().failedBeads}
            label={`Progress of ${props.convoy.title}`}
          />
          <span class="muted tiny number">
            {convoy().closedBeads} of {convoy().totalBeads} done<Show when={convoy().failedBeads > 0}>, {convoy().failedBeads} failed</Show>
          </span>
        </DrawerLink>
      )}
    </Show>
  );
};
