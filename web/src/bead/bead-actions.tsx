// What a person can do to a bead: hold or release it, edit it, close it, give it up.
import { useQueryClient } from '@tanstack/solid-query';
import { Match, Show, Switch, createSignal } from 'solid-js';
import type { Bead } from '../../../functions/contracts/bead.schema.ts';
import { createAct } from '../api/act.ts';
import { call, newKey } from '../api/client.ts';
import { ConfirmDialog } from '../parts/dialog.tsx';
import { Icon } from '../parts/icon.tsx';
import { ErrorNote } from '../parts/pieces.tsx';
import { toast } from '../shell/toasts.tsx';

const withActions: readonly Bead['type'][] = ['issue', 'merge_request', 'escalation'];

export const BeadActions = (props: { readonly bead: Bead; readonly onEdit: () => void }) => {
  const client = useQueryClient();
  const [asked, setAsked] = createSignal<'close' | 'fail'>();
  const params = () => ({ townId: props.bead.townId, beadId: props.bead.beadId });
  const isFinal = () => props.bead.status === 'closed' || props.bead.status === 'failed';
  const isIssue = () => props.bead.type === 'issue';
  const refresh = async (): Promise<void> => {
    const stale = ['getBead', 'listBeads', 'beadExplain', 'beadEvents', 'snapshot'];
    await Promise.all(stale.map((routeId) => client.invalidateQueries({ queryKey: [routeId] })));
  };
  const hold = createAct(async (held: boolean) => {
    await call('updateBead', { params: params(), body: { held } }, { ifMatch: props.bead.version });
    await refresh();
    toast(held ? `${props.bead.beadId} is held` : `${props.bead.beadId} may be worked now`);
  });
  const finish = async (reason: string): Promise<void> => {
    const options = { idempotencyKey: newKey() };
    if (asked() === 'fail') await call('failBead', { params: params(), body: { reason } }, options);
    else if (props.bead.type === 'escalation')
      await call('acknowledgeEscalation', { params: params(), body: reason === '' ? {} : { note: reason } }, options);
    else await call('closeBead', { params: params(), body: reason === '' ? {} : { reason } }, options);
    await refresh();
  };
  return (
    <Show when={!isFinal() && withActions.includes(props.bead.type)}>
      <footer class="drawer-foot">
        <ErrorNote error={hold.error()} />
        <div class="row wrap">
          <Show when={props.bead.status === 'open' && isIssue()}>
            <button type="button" class="button" disabled={hold.isRunning()} onClick={() => void hold.run(!props.bead.held)}>
              <Icon name={props.bead.held ? 'play' : 'pause'} />
              {props.bead.held ? 'Release' : 'Hold'}
            </button>
          </Show>
          <Show when={isIssue()}>
            <button type="button" class="button" onClick={() => props.onEdit()}>
              <Icon name="edit" />
              Edit
            </button>
          </Show>
          <button type="button" class="button" onClick={() => setAsked('close')}>
            <Icon name="check" />
            {props.bead.type === 'escalation' ? 'Acknowledge' : 'Close by hand'}
          </button>
          <span class="grow" />
          <Show when={props.bead.type !== 'escalation'}>
            <button type="button" class="button quiet danger" onClick={() => setAsked('fail')}>
              Give up
            </button>
          </Show>
        </div>
      </footer>
      <Switch>
        <Match when={asked() === 'close'}>
          <ConfirmDialog
            title={props.bead.type === 'escalation' ? `Acknowledge ${props.bead.beadId}?` : `Close ${props.bead.beadId}?`}
            sentence={
              props.bead.type === 'escalation'
                ? `Somebody takes care of “${props.bead.title}”: it closes, and nobody is told again.`
                : `“${props.bead.title}” counts as done without a merge. This cannot be undone.`
            }
            action={props.bead.type === 'escalation' ? 'Acknowledge it' : 'Close it'}
            reason={{ label: 'Why (optional)', isRequired: false }}
            onConfirm={finish}
            onClose={() => setAsked(undefined)}
          />
        </Match>
        <Match when={asked() === 'fail'}>
          <ConfirmDialog
            title={`Give up ${props.bead.beadId}?`}
            sentence={`“${props.bead.title}” is marked as failed. What waits for it stays blocked. This cannot be undone.`}
            action="Give it up"
            reason={{ label: 'Why', isRequired: true }}
            onConfirm={finish}
            onClose={() => setAsked(undefined)}
          />
        </Match>
      </Switch>
    </Show>
  );
};
