// The drawer of a bead of any type.
import { Tabs } from '@kobalte/core/tabs';
import { Show, Suspense, createSignal, lazy } from 'solid-js';
import { isNotFound } from '../api/errors.ts';
import { useRead } from '../api/read.ts';
import { BeadActions } from '../bead/bead-actions.tsx';
import { BeadEdit } from '../bead/bead-edit.tsx';
import { ConvoyActions } from '../bead/convoy-actions.tsx';
import { BeadOverview } from '../bead/bead-overview.tsx';
import { Timeline } from '../bead/timeline.tsx';
import { useTown } from '../live/town-live.tsx';
import { BeadPill, Bones, Empty, ErrorNote, PriorityMark } from '../parts/pieces.tsx';
import { typeWord } from '../words/status.ts';
import { DrawerHead } from './drawer-head.tsx';

const Changes = lazy(() => import('../bead/changes.tsx').then((module) => ({ default: module.Changes })));

export const BeadDrawer = (props: { readonly beadId: string }) => {
  const { townId } = useTown();
  const read = useRead('getBead', () => ({ params: { townId, beadId: props.beadId } }));
  const [isEditing, setEditing] = createSignal(false);
  const hasChanges = () => read.data()?.bead.type === 'issue' || read.data()?.bead.type === 'merge_request';
  return (
    <Show
      when={read.data()}
      fallback={
        <>
          <DrawerHead
            start={<span class="id">{props.beadId}</span>}
            title={isNotFound(read.error()) ? 'There is no such bead' : read.error() === undefined ? 'Loading' : 'It cannot be shown'}
            linkSearch={`?bead=${props.beadId}`}
          />
          <div class="drawer-body">
            <Show when={read.error()} fallback={<Bones lines={4} />}>
              <Show when={isNotFound(read.error())} fallback={<ErrorNote error={read.error()} onRetry={read.refetch} />}>
                <Empty title={`No bead ${props.beadId} in this town`}>The link may be mistyped, or be of another town.</Empty>
              </Show>
            </Show>
          </div>
        </>
      }
    >
      {(view) => (
        <>
          <DrawerHead
            title={view().bead.title}
            linkSearch={`?bead=${props.beadId}`}
            start={
              <>
                <span class="muted tiny">{typeWord[view().bead.type]}</span>
                <span class="id">{view().bead.beadId}</span>
                <BeadPill bead={view().bead} />
                <PriorityMark priority={view().bead.priority} />
              </>
            }
          />
          <Show
            when={isEditing()}
            fallback={
              <>
                <Tabs class="tabs" defaultValue="overview">
                  <Tabs.List class="tab-list" aria-label="About this bead">
                    <Tabs.Trigger class="tab" value="overview">
                      Overview
                    </Tabs.Trigger>
                    <Tabs.Trigger class="tab" value="timeline">
                      Timeline
                    </Tabs.Trigger>
                    <Show when={hasChanges()}>
                      <Tabs.Trigger class="tab" value="changes">
                        Commits and changes
                      </Tabs.Trigger>
                    </Show>
                  </Tabs.List>
                  <Tabs.Content class="drawer-body" value="overview">
                    <BeadOverview view={view()} />
                  </Tabs.Content>
                  <Tabs.Content class="drawer-body" value="timeline">
                    <Timeline of={{ beadId: props.beadId, bead: view().bead }} />
                  </Tabs.Content>
                  <Tabs.Content class="drawer-body" value="changes">
                    <Suspense fallback={<Bones />}>
                      <Changes beadId={props.beadId} />
                    </Suspense>
                  </Tabs.Content>
                </Tabs>
                <ConvoyActions convoy={view().bead} />
                <BeadActions bead={view().bead} onEdit={() => setEditing(true)} />
              </>
            }
          >
            <div class="drawer-body">
              <BeadEdit bead={view().bead} onDone={() => setEditing(false)} />
            </div>
          </Show>
        </>
      )}
    </Show>
  );
};
