// Stopping a town at once, and deleting it.
import { useNavigate } from '@solidjs/router';
import { useQueryClient } from '@tanstack/solid-query';
import { Show, createSignal } from 'solid-js';
import type { TownView } from '../../../functions/contracts/town.schema.ts';
import { call } from '../api/client.ts';
import { ConfirmDialog } from '../parts/dialog.tsx';
import { Panel } from '../parts/pieces.tsx';
import { toast } from '../shell/toasts.tsx';

export const TownEnd = (props: { readonly town: TownView }) => {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [asked, setAsked] = createSignal<'stop' | 'delete'>();
  const params = () => ({ townId: props.town.townId });
  const stop = async (reason: string): Promise<void> => {
    await call('stopTown', { params: params(), body: reason === '' ? {} : { reason } });
    await Promise.all(['getTown', 'snapshot', 'beadExplain'].map((routeId) => client.invalidateQueries({ queryKey: [routeId] })));
    toast('The town is stopped. The overview says when nothing of it runs any more');
  };
  const remove = async (confirm: string): Promise<void> => {
    await call('deleteTown', { params: params(), body: { confirm } });
    toast(`${props.town.name} is deleted`);
    navigate('/');
    await client.invalidateQueries({ queryKey: ['listTowns'] });
  };
  return (
    <Panel title="Stop or delete" label="Stop or delete">
      <div class="panel-body stack">
        <div class="row wrap">
          <p class="soft small grow">
            {props.town.stopped === undefined
              ? 'Stopping ends agents, merges and the runtime at once. Nothing is lost; the town goes on when you say so.'
              : 'The town is stopped. The overview has the way on.'}
          </p>
          <Show when={props.town.stopped === undefined}>
            <button type="button" class="button" onClick={() => setAsked('stop')}>
              Stop the town
            </button>
          </Show>
        </div>
        <div class="row wrap">
          <p class="soft small grow">Deleting removes its beads, agents, history and keys for good. Your repositories stay as they are.</p>
          <button type="button" class="button quiet danger" onClick={() => setAsked('delete')}>
            Delete the town
          </button>
        </div>
      </div>
      <Show when={asked() === 'stop'}>
        <ConfirmDialog
          title={`Stop ${props.town.name}?`}
          sentence="Agents, merges and the runtime end at once, and nothing starts before you let the town go on."
          action="Stop it"
          reason={{ label: 'Why (optional)', isRequired: false }}
          onConfirm={stop}
          onClose={() => setAsked(undefined)}
        />
      </Show>
      <Show when={asked() === 'delete'}>
        <ConfirmDialog
          title={`Delete ${props.town.name}?`}
          sentence="All that the town owns goes for good. This cannot be undone."
          action="Delete it"
          reason={{ label: `Type “${props.town.name}” to confirm`, isRequired: true }}
          onConfirm={remove}
          onClose={() => setAsked(undefined)}
        />
      </Show>
    </Panel>
  );
};
