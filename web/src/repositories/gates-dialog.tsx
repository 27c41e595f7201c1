// Name and gates of a connected repository.
import { useQueryClient } from '@tanstack/solid-query';
import { Show, createSignal } from 'solid-js';
import type { Gate } from '../../../functions/contracts/gate.schema.ts';
import type { RigView } from '../../../functions/contracts/town.schema.ts';
import { createAct } from '../api/act.ts';
import { call } from '../api/client.ts';
import { fieldErrorsOf } from '../api/errors.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { ErrorNote, Spinner } from '../parts/pieces.tsx';
import { toast } from '../shell/toasts.tsx';
import { GateList } from './gate-list.tsx';

export const GatesDialog = (props: { readonly rig: RigView; readonly onClose: () => void }) => {
  const client = useQueryClient();
  const [name, setName] = createSignal(props.rig.name);
  const [gates, setGates] = createSignal<readonly Gate[]>(props.rig.gates);
  const version = props.rig.version;
  const act = createAct(async () => {
    const { townId, rigId } = props.rig;
    await call('updateRig', { params: { townId, rigId }, body: { name: name().trim(), gates: [...gates()] } }, { ifMatch: version });
    await Promise.all([client.invalidateQueries({ queryKey: ['listRigs'] }), client.invalidateQueries({ queryKey: ['snapshot'] })]);
    toast('Saved; the next work uses it');
  });
  const errors = () => fieldErrorsOf(act.error());
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (await act.run()) props.onClose();
  };
  return (
    <Dialog title={`Settings of ${props.rig.name}`} wide onClose={props.onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          void submit(event);
        }}
      >
        <Field label="Name" wrong={errors().get('name')}>
          {(wiring) => (
            <input
              {...wiring}
              class="input"
              required
              maxLength={80}
              autocomplete="off"
              value={name()}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          )}
        </Field>
        <div class="stack">
          <h3>Gates</h3>
          <GateList gates={gates()} onChange={setGates} errors={errors()} />
        </div>
        <Show when={errors().size === 0}>
          <ErrorNote error={act.error()} />
        </Show>
        <div class="form-end">
          <button type="button" class="button quiet" onClick={() => props.onClose()}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={act.isRunning()}>
            <Show when={act.isRunning()}>
              <Spinner />
            </Show>
            Save
          </button>
        </div>
      </form>
    </Dialog>
  );
};
