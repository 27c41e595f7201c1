// Convoys (batches of work) with their progress, running ones first.
import { For, Show, createSignal } from 'solid-js';
import { useRead } from '../api/read.ts';
import { NewConvoyDialog } from '../board/new-convoy-dialog.tsx';
import { useTown } from '../live/town-live.tsx';
import { ConvoyRow } from '../parts/convoy-row.tsx';
import { Icon } from '../parts/icon.tsx';
import { Keyed } from '../parts/keyed.tsx';
import { Bones, Empty, ErrorNote, Panel } from '../parts/pieces.tsx';
import { isPlan } from '../words/status.ts';

const isOver = (status: string): boolean => status === 'closed' || status === 'failed';

export const ConvoysPage = () => {
  const { townId } = useTown();
  const convoys = useRead('listConvoys', () => ({ params: { townId }, query: { limit: 100 } }));
  const snapshot = useRead('snapshot', () => ({ params: { townId } }));
  const [isCreating, setCreating] = createSignal(false);
  const groups = () => {
    const all = convoys.data()?.items ?? [];
    return [
      {
        name: 'Plans that wait for you',
        items: all.filter(isPlan),
        empty: '',
        hint: '',
      },
      {
        name: 'Under way',
        items: all.filter((convoy) => !isOver(convoy.status) && !isPlan(convoy)),
        empty: 'No convoy is under way',
        hint: 'Ask the Mayor for something bigger than one change, or create a convoy yourself.',
      },
      {
        name: 'Finished',
        items: all.filter((convoy) => isOver(convoy.status)),
        empty: 'None has finished yet',
        hint: 'A convoy comes here when all of it is merged.',
      },
    ].filter((group) => group.items.length > 0 || group.empty !== '');
  };
  return (
    <div class="page narrow">
      <div class="page-head">
        <div class="titles">
          <h1>Convoys</h1>
          <p class="sub">Batches of beads that belong together, worked in parallel where they do not depend on each other.</p>
        </div>
        <Show when={(snapshot.data()?.rigs.length ?? 0) > 0}>
          <button type="button" class="button primary" onClick={() => setCreating(true)}>
            <Icon name="plus" />
            New convoy
          </button>
        </Show>
      </div>
      <ErrorNote error={convoys.error()} onRetry={convoys.refetch} />
      <Show
        when={convoys.data()}
        fallback={
          <Show when={convoys.isLoading()}>
            <Bones />
          </Show>
        }
      >
        <For each={groups()}>
          {(group) => (
            <Panel title={group.name} label={group.name}>
              <ul class="list">
                <Keyed each={group.items} by={(convoy) => convoy.beadId} fallback={<Empty title={group.empty}>{group.hint}</Empty>}>
                  {(convoy) => (
                    <li>
                      <ConvoyRow convoy={convoy()} />
                    </li>
                  )}
                </Keyed>
              </ul>
            </Panel>
          )}
        </For>
      </Show>
      <Show when={isCreating()}>
        <NewConvoyDialog townId={townId} rigs={snapshot.data()?.rigs ?? []} onClose={() => setCreating(false)} />
      </Show>
    </div>
  );
};
