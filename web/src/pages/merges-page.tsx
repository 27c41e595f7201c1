// Merges in plain words; what needs a person comes first.
import { For, Show } from 'solid-js';
import type { RouteResponse } from '../../../functions/contracts/routes.ts';
import { useRead } from '../api/read.ts';
import { DrawerLink } from '../drawers/drawer-link.tsx';
import { useTown } from '../live/town-live.tsx';
import { Icon } from '../parts/icon.tsx';
import { Keyed } from '../parts/keyed.tsx';
import { BeadPill, Bones, Empty, ErrorNote, Panel } from '../parts/pieces.tsx';
import { Time } from '../parts/time.tsx';
import { briefOf } from '../words/brief.ts';

type Merge = RouteResponse<'listMerges'>['items'][number];
const isOver = ({ request }: Merge): boolean => request.status === 'closed' || request.status === 'failed';

const MergeRow = (props: { readonly merge: Merge }) => {
  const details = () => (props.merge.request.details.type === 'merge_request' ? props.merge.request.details : undefined);
  return (
    <DrawerLink
      kind="bead"
      to={props.merge.request.beadId}
      class="list-row roomy"
      data-bead-id={props.merge.request.beadId}
      data-testid="merge-row"
    >
      <Icon name={props.merge.needsAttention ? 'alert' : 'merge'} />
      <span class="agent-line">
        <strong class="small ellipsis">{props.merge.source?.title ?? props.merge.request.title}</strong>
        <span class="says">{briefOf(props.merge.sentence).text}</span>
        <Show when={details()}>
          {(merge) => (
            <span class="id ellipsis">
              {merge().branch} → {merge().targetBranch}
            </span>
          )}
        </Show>
      </span>
      <span class="row">
        <span class="muted tiny">
          <Time at={props.merge.request.updatedAt} />
        </span>
        <BeadPill bead={props.merge.request} />
      </span>
    </DrawerLink>
  );
};

export const MergesPage = () => {
  const { townId } = useTown();
  const merges = useRead('listMerges', () => ({ params: { townId }, query: { limit: 100 } }));
  const groups = () => {
    const all = merges.data()?.items ?? [];
    return [
      {
        name: 'Needs your attention',
        items: all.filter((merge) => merge.needsAttention),
        isShown: all.some((merge) => merge.needsAttention),
      },
      { name: 'On the way', items: all.filter((merge) => !merge.needsAttention && !isOver(merge)), isShown: true },
      {
        name: 'Done',
        items: all.filter((merge) => !merge.needsAttention && isOver(merge)),
        isShown: all.some((merge) => !merge.needsAttention && isOver(merge)),
      },
    ].filter((group) => group.isShown);
  };
  return (
    <div class="page narrow">
      <div class="page-head">
        <div class="titles">
          <h1>Merges</h1>
          <p class="sub">The Refinery (reviewer) tests each piece of work on the newest target branch, reviews it, and merges it.</p>
        </div>
      </div>
      <ErrorNote error={merges.error()} onRetry={merges.refetch} />
      <Show
        when={merges.data()}
        fallback={
          <Show when={merges.isLoading()}>
            <Bones />
          </Show>
        }
      >
        <For each={groups()}>
          {(group) => (
            <Panel title={group.name} label={group.name}>
              <ul class="list">
                <Keyed
                  each={group.items}
                  by={(merge) => merge.request.beadId}
                  fallback={
                    <Empty title="Nothing is on its way">When an agent hands work in, its checks, review and merge are shown here.</Empty>
                  }
                >
                  {(merge) => (
                    <li>
                      <MergeRow merge={merge()} />
                    </li>
                  )}
                </Keyed>
              </ul>
            </Panel>
          )}
        </For>
      </Show>
    </div>
  );
};
