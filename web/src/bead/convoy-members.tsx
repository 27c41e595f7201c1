// Members of a convoy in the order of their making, with what each waits for.
import { Show } from 'solid-js';
import { useRead } from '../api/read.ts';
import { DrawerLink } from '../drawers/drawer-link.tsx';
import { useTown } from '../live/town-live.tsx';
import { Keyed } from '../parts/keyed.tsx';
import { BeadPill, Bones, Dot, ErrorNote, Progress } from '../parts/pieces.tsx';
import { statusTone } from '../words/status.ts';

export const ConvoyMembers = (props: { readonly convoyId: string }) => {
  const { townId } = useTown();
  const convoy = useRead('getConvoy', () => ({ params: { townId, beadId: props.convoyId } }));
  const waitsFor = (ids: readonly string[]): readonly string[] =>
    ids.filter((id) => convoy.data()?.members.find((member) => member.bead.beadId === id)?.bead.status !== 'closed');
  return (
    <section class="section" data-testid="convoy-members">
      <ErrorNote error={convoy.error()} onRetry={convoy.refetch} />
      <Show
        when={convoy.data()}
        fallback={
          <Show when={convoy.isLoading()}>
            <Bones />
          </Show>
        }
      >
        {(view) => (
          <div class="stack">
            <Progress
              total={view().progress.total}
              closed={view().progress.closed}
              failed={view().progress.failed}
              label="Progress of the convoy"
            />
            <p class="muted small number">
              {view().progress.closed} of {view().progress.total} done
              <Show when={view().progress.failed > 0}>, {view().progress.failed} failed</Show>
            </p>
            <Show when={view().estimate}>
              {(estimate) => (
                <p class="small" data-testid="plan-estimate">
                  {estimate().sentence}
                </p>
              )}
            </Show>
            <ul class="list panel" style={{ 'box-shadow': 'none' }}>
              <Keyed each={view().members} by={(member) => member.bead.beadId}>
                {(member) => (
                  <li>
                    <DrawerLink kind="bead" to={member().bead.beadId} class="list-row member-row" data-bead-id={member().bead.beadId}>
                      <Dot tone={statusTone[member().bead.status]} live={member().bead.status === 'in_progress'} />
                      <span class="ellipsis small">{member().bead.title}</span>
                      <BeadPill bead={member().bead} />
                      <Show when={member().bead.status === 'open' && waitsFor(member().dependsOn).length > 0}>
                        <span class="after muted tiny">Waits for {waitsFor(member().dependsOn).join(', ')}</span>
                      </Show>
                    </DrawerLink>
                  </li>
                )}
              </Keyed>
            </ul>
          </div>
        )}
      </Show>
    </section>
  );
};
