// What a person can do to a bead: hold or release it, edit it, close it, give it up.
import { useQueryClient } from '@tanstack/solid-query';
import { Match, Show, Switch, createSignal } from 'solid-js';
import { DropdownMenu } from '@kobalte/core/dropdown-menu';
import type { Bead } from '../../../functions/contracts/bead.schema.ts';
import { createAct } from '../api/act.ts';
import { call, newKey } from '../api/client.ts';
import { sentenceOf } from '../api/errors.ts';
import { ConfirmDialog } from '../parts/dialog.tsx';
import { Icon } from '../parts/icon.tsx';
import { toast } from '../shell/toasts.tsx';

export const BeadActions = (props: { readonly bead: Bead; readonly onEdit: () => void }) => {
  const client = useQueryClient();
  const [asked, setAsked] = createSignal<'close' | 'fail'>();
  const params = () => ({ townId: props.bead.townId, beadId: props.bead.beadId });
  const isFinal = () => props.bead.status === 'closed' || props.bead.status === 'failed';
  const refresh = async (): Promise<void> => {
    await Promise.all(
      ['getBead', 'listBeads', 'beadExplain', 'beadEvents', 'snapshot'].map((routeId) => client.invalidateQueries({ queryKey: [routeId] })),
    );
  };
  const hold = createAct(async (held: boolean) => {
    await call('updateBead', { params: params(), body: { held } }, { ifMatch: props.bead.version });
    await refresh();
    toast(held ? `${props.bead.beadId} is held` : `${props.bead.beadId} may be worked now`);
  });
  const toggleHold = async (): Promise<void> => {
    if (!(await hold.run(!props.bead.held))) toast(sentenceOf(hold.error()));
  };
  const finish = async (reason: string): Promise<void> => {
    if (asked() === 'fail') await call('failBead', { params: params(), body: { reason } }, { idempotencyKey: newKey() });
    else await call('closeBead', { params: params(), body: reason === '' ? {} : { reason } }, { idempotencyKey: newKey() });
    await refresh();
  };
  return (
    <Show when={!isFinal() && (props.bead.type === 'issue' || props.bead.type === 'merge_request' || props.bead.type === 'escalation')}>
      <Show when={props.bead.status === 'open' && props.bead.type === 'issue'}>
        <button
          type="button"
          class="button"
          disabled={hold.isRunning()}
          onClick={() => {
            void toggleHold();
          }}
        >
          <Icon name={props.bead.held ? 'play' : 'pause'} />
          {props.bead.held ? 'Release' : 'Hold'}
        </button>
      </Show>
      <DropdownMenu placement="bottom-end" modal={false}>
        <DropdownMenu.Trigger class="button quiet icon-only" aria-label="More actions">
          <Icon name="dots" />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content class="menu">
            <Show when={props.bead.type === 'issue'}>
              <DropdownMenu.Item class="menu-item" onSelect={() => props.onEdit()}>
                <Icon name="edit" />
                Edit
              </DropdownMenu.Item>
            </Show>
            <DropdownMenu.Item class="menu-item" onSelect={() => setAsked('close')}>
              <Icon name="check" />
              Close by hand
            </DropdownMenu.Item>
            <DropdownMenu.Item class="menu-item bad" onSelect={() => setAsked('fail')}>
              <Icon name="blocked" />
              Give up
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu>
      <Switch>
        <Match when={asked() === 'close'}>
          <ConfirmDialog
            title={`Close ${props.bead.beadId}?`}
            sentence={`“${props.bead.title}” counts as done without a merge. This cannot be undone.`}
            action="Close it"
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
