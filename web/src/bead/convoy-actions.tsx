// What a person does with a convoy that is a plan: start it.
import { useQueryClient } from '@tanstack/solid-query';
import { Show } from 'solid-js';
import type { Bead } from '../../../functions/contracts/bead.schema.ts';
import { createAct } from '../api/act.ts';
import { call } from '../api/client.ts';
import { Icon } from '../parts/icon.tsx';
import { ErrorNote, Spinner } from '../parts/pieces.tsx';
import { toast } from '../shell/toasts.tsx';
import { isPlan } from '../words/status.ts';

export const ConvoyActions = (props: { readonly convoy: Bead }) => {
  const client = useQueryClient();
  const start = createAct(async () => {
    await call('startConvoy', { params: { townId: props.convoy.townId, beadId: props.convoy.beadId } });
    const stale = ['getBead', 'getConvoy', 'listConvoys', 'beadExplain', 'snapshot'];
    await Promise.all(stale.map((routeId) => client.invalidateQueries({ queryKey: [routeId] })));
    toast(`${props.convoy.beadId} is on its way`);
  });
  return (
    <Show when={isPlan(props.convoy)}>
      <footer class="drawer-foot">
        <ErrorNote error={start.error()} />
        <div class="row wrap">
          <button type="button" class="button primary" disabled={start.isRunning()} onClick={() => void start.run()}>
            <Show when={start.isRunning()} fallback={<Icon name="play" />}>
              <Spinner />
            </Show>
            Start
          </button>
          <span class="muted small">Nothing of a plan is worked before it is started.</span>
        </div>
      </footer>
    </Show>
  );
};
