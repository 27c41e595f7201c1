// Title, text and priority of a bead, edited in place. Somebody else's change in between is not overwritten.
import { useQueryClient } from '@tanstack/solid-query';
import { Show, createSignal, onMount } from 'solid-js';
import type { Bead } from '../../../functions/contracts/bead.schema.ts';
import { createAct } from '../api/act.ts';
import { call } from '../api/client.ts';
import { fieldErrorsOf } from '../api/errors.ts';
import { priorityChoices, priorityOf } from '../board/choices.ts';
import { Field } from '../parts/field.tsx';
import { ErrorNote, Spinner } from '../parts/pieces.tsx';
import { Select } from '../parts/select.tsx';

export const BeadEdit = (props: { readonly bead: Bead; readonly onDone: () => void }) => {
  const client = useQueryClient();
  const start = props.bead;
  const [title, setTitle] = createSignal(start.title);
  /** Of a long body the bead has only the beginning: it is edited when the whole has come. */
  const [known, setKnown] = createSignal(start.bodyFile === undefined ? start.body : undefined);
  const [body, setBody] = createSignal(start.body);
  const [unread, setUnread] = createSignal<unknown>();
  onMount(() => {
    if (start.bodyFile === undefined) return;
    call('beadBody', { params: { townId: start.townId, beadId: start.beadId } }).then((text) => {
      setBody(text);
      setKnown(text);
    }, setUnread);
  });
  const [priority, setPriority] = createSignal(start.priority);
  const act = createAct(async () => {
    const change = {
      ...(title().trim() === start.title ? {} : { title: title().trim() }),
      ...(known() === undefined || body() === known() ? {} : { body: body() }),
      ...(priority() === start.priority ? {} : { priority: priority() }),
    };
    if (Object.keys(change).length > 0)
      await call('updateBead', { params: { townId: start.townId, beadId: start.beadId }, body: change }, { ifMatch: start.version });
    await Promise.all(['getBead', 'listBeads', 'beadEvents'].map((routeId) => client.invalidateQueries({ queryKey: [routeId] })));
  });
  const errors = () => fieldErrorsOf(act.error());
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (await act.run()) props.onDone();
  };
  return (
    <form
      class="form"
      onSubmit={(event) => {
        void submit(event);
      }}
    >
      <Field label="Title" wrong={errors().get('title')}>
        {(wiring) => (
          <input
            {...wiring}
            class="input"
            required
            maxLength={500}
            value={title()}
            onInput={(event) => setTitle(event.currentTarget.value)}
          />
        )}
      </Field>
      <Field label="What is wanted" hint="Markdown." wrong={errors().get('body')}>
        {(wiring) => (
          <textarea
            {...wiring}
            class="input"
            style={{ 'min-height': '180px' }}
            value={body()}
            disabled={known() === undefined}
            onInput={(event) => setBody(event.currentTarget.value)}
          />
        )}
      </Field>
      <ErrorNote error={unread()} />
      <Field label="Priority">
        {(wiring) => (
          <Select {...wiring} choices={priorityChoices} value={priority()} onChoose={(chosen) => setPriority(priorityOf(chosen))} />
        )}
      </Field>
      <Show when={errors().size === 0}>
        <ErrorNote error={act.error()} />
      </Show>
      <div class="form-end">
        <button type="button" class="button quiet" onClick={() => props.onDone()}>
          Cancel
        </button>
        <button type="submit" class="button primary" disabled={act.isRunning() || title().trim() === ''}>
          <Show when={act.isRunning()}>
            <Spinner />
          </Show>
          Save
        </button>
      </div>
    </form>
  );
};
