// Sling: one piece of work, given to the next free worker or kept for later.
import { useQueryClient } from '@tanstack/solid-query';
import { Show, createSignal } from 'solid-js';
import type { RigView } from '../../../functions/contracts/town.schema.ts';
import type { Priority } from '../../../functions/contracts/primitives.schema.ts';
import { createAct } from '../api/act.ts';
import { call, createKeys } from '../api/client.ts';
import { fieldErrorsOf } from '../api/errors.ts';
import { useRead } from '../api/read.ts';
import { DemoNote, isDemoModel, isSample } from '../parts/demo-note.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { ErrorNote, Spinner } from '../parts/pieces.tsx';
import { Select } from '../parts/select.tsx';
import { toast } from '../shell/toasts.tsx';
import { priorityChoices, priorityOf, rigChoices } from './choices.ts';

interface Props {
  readonly townId: string;
  readonly rigs: readonly RigView[];
  readonly onClose: () => void;
}

export const NewBeadDialog = (props: Props) => {
  const client = useQueryClient();
  const keys = createKeys();
  const [rigId, setRigId] = createSignal(props.rigs[0]?.rigId ?? '');
  const [title, setTitle] = createSignal('');
  const [body, setBody] = createSignal('');
  const [priority, setPriority] = createSignal<Priority>('medium');
  const [startsNow, setStartsNow] = createSignal(true);
  const act = createAct(async () => {
    const input = { rigId: rigId(), title: title().trim(), body: body(), priority: priority() };
    const routeId = startsNow() ? 'sling' : 'createBead';
    const bead = await call(routeId, { params: { townId: props.townId }, body: input }, { idempotencyKey: keys.keyFor([routeId, input]) });
    void client.invalidateQueries({ queryKey: ['listBeads'] });
    toast(startsNow() ? `${bead.beadId} goes to the next free worker` : `${bead.beadId} is held until you release it`);
  });
  const config = useRead('getConfig', () => ({ params: { townId: props.townId } }));
  const isDemo = () => {
    const rig = props.rigs.find((known) => known.rigId === rigId());
    return rig !== undefined && !isSample(rig) && isDemoModel(config.data(), 'polecat');
  };
  const errors = () => fieldErrorsOf(act.error());
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (await act.run()) props.onClose();
  };
  return (
    <Dialog title="New bead" onClose={props.onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          void submit(event);
        }}
      >
        <p class="soft small">One piece of work for one polecat (worker): a branch, a review, a merge.</p>
        <Field label="Title" wrong={errors().get('title')}>
          {(wiring) => (
            <input
              {...wiring}
              class="input"
              required
              maxLength={500}
              autocomplete="off"
              placeholder="Refuse empty passwords at sign-up"
              value={title()}
              onInput={(event) => setTitle(event.currentTarget.value)}
            />
          )}
        </Field>
        <Field label="What is wanted" hint="Markdown. Say how one can tell that it is done." wrong={errors().get('body')}>
          {(wiring) => <textarea {...wiring} class="input" value={body()} onInput={(event) => setBody(event.currentTarget.value)} />}
        </Field>
        <div class="form-row">
          <Field label="Repository" wrong={errors().get('rigId')}>
            {(wiring) => <Select {...wiring} choices={rigChoices(props.rigs)} value={rigId()} onChoose={setRigId} />}
          </Field>
          <Field label="Priority" wrong={errors().get('priority')}>
            {(wiring) => (
              <Select {...wiring} choices={priorityChoices} value={priority()} onChoose={(chosen) => setPriority(priorityOf(chosen))} />
            )}
          </Field>
        </div>
        <label class="check">
          <input type="checkbox" checked={startsNow()} onChange={(event) => setStartsNow(event.currentTarget.checked)} />
          Let it be worked at once
        </label>
        <Show when={isDemo()}>
          <DemoNote townId={props.townId} />
        </Show>
        <Show when={errors().size === 0}>
          <ErrorNote error={act.error()} />
        </Show>
        <div class="form-end">
          <button type="button" class="button quiet" onClick={() => props.onClose()}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={act.isRunning() || title().trim() === '' || rigId() === ''}>
            <Show when={act.isRunning()}>
              <Spinner />
            </Show>
            {startsNow() ? 'Sling it' : 'Create held'}
          </button>
        </div>
      </form>
    </Dialog>
  );
};
