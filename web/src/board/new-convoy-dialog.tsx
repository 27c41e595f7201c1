// A convoy by hand: a title and its tasks, each of which may wait for earlier ones.
import { useQueryClient } from '@tanstack/solid-query';
import { Index, Show, createSignal } from 'solid-js';
import { createStore } from 'solid-js/store';
import type { RigView } from '../../../functions/contracts/town.schema.ts';
import { createAct } from '../api/act.ts';
import { call, createKeys } from '../api/client.ts';
import { fieldErrorsOf } from '../api/errors.ts';
import { useRead } from '../api/read.ts';
import { DemoNote, isDemoModel, isSample } from '../parts/demo-note.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { Field } from '../parts/field.tsx';
import { Icon } from '../parts/icon.tsx';
import { ErrorNote, Spinner } from '../parts/pieces.tsx';
import { Select } from '../parts/select.tsx';
import { toast } from '../shell/toasts.tsx';
import { count } from '../words/status.ts';
import { rigChoices } from './choices.ts';
import { isPlan } from '../words/status.ts';

interface Task {
  title: string;
  body: string;
  dependsOn: number[];
}
interface Props {
  readonly townId: string;
  readonly rigs: readonly RigView[];
  readonly onClose: () => void;
}

/** Positions after one task is gone: what named it names nothing, later ones move up. */
const without = (tasks: readonly Task[], gone: number): Task[] =>
  tasks
    .filter((_task, at) => at !== gone)
    .map((task) => ({ ...task, dependsOn: task.dependsOn.filter((at) => at !== gone).map((at) => (at > gone ? at - 1 : at)) }));

export const NewConvoyDialog = (props: Props) => {
  const client = useQueryClient();
  const keys = createKeys();
  const [title, setTitle] = createSignal('');
  const [rigId, setRigId] = createSignal(props.rigs[0]?.rigId ?? '');
  const [tasks, setTasks] = createStore<Task[]>([
    { title: '', body: '', dependsOn: [] },
    { title: '', body: '', dependsOn: [] },
  ]);
  const act = createAct(async () => {
    const body = {
      title: title().trim(),
      rigId: rigId(),
      tasks: tasks.map((task) => ({ title: task.title.trim(), body: task.body, dependsOn: [...task.dependsOn] })),
      parallel: tasks.every((task) => task.dependsOn.length === 0),
    };
    const { convoy } = await call('slingBatch', { params: { townId: props.townId }, body }, { idempotencyKey: keys.keyFor(body) });
    void client.invalidateQueries({ queryKey: ['listConvoys'] });
    toast(isPlan(convoy) ? `${convoy.beadId} is a plan: it waits for its start` : `Convoy ${convoy.beadId} is on its way`);
  });
  const config = useRead('getConfig', () => ({ params: { townId: props.townId } }));
  const isDemo = () => {
    const rig = props.rigs.find((known) => known.rigId === rigId());
    return rig !== undefined && !isSample(rig) && isDemoModel(config.data(), 'polecat');
  };
  const errors = () => fieldErrorsOf(act.error());
  const isComplete = () => title().trim() !== '' && tasks.every((task) => task.title.trim() !== '');
  const toggle = (at: number, on: number, wanted: boolean): void =>
    setTasks(at, 'dependsOn', (now) =>
      wanted ? [...now, on].toSorted((left, right) => left - right) : now.filter((known) => known !== on),
    );
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (await act.run()) props.onClose();
  };
  return (
    <Dialog title="New convoy" wide onClose={props.onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          void submit(event);
        }}
      >
        <div class="form-row">
          <Field label="Title" wrong={errors().get('title')}>
            {(wiring) => (
              <input
                {...wiring}
                class="input"
                required
                maxLength={500}
                autocomplete="off"
                placeholder="Password rules"
                value={title()}
                onInput={(event) => setTitle(event.currentTarget.value)}
              />
            )}
          </Field>
          <Field label="Repository" wrong={errors().get('rigId')}>
            {(wiring) => <Select {...wiring} choices={rigChoices(props.rigs)} value={rigId()} onChoose={setRigId} />}
          </Field>
        </div>
        <Index each={tasks}>
          {(task, at) => (
            <div class="task-edit" role="group" aria-label={`Task ${at + 1}`}>
              <div class="row" style={{ 'align-items': 'flex-end' }}>
                <Field class="grow" label={`Task ${at + 1}`} wrong={errors().get(`tasks.${at}.title`)}>
                  {(wiring) => (
                    <input
                      {...wiring}
                      class="input"
                      required
                      maxLength={500}
                      autocomplete="off"
                      value={task().title}
                      onInput={(event) => setTasks(at, 'title', event.currentTarget.value)}
                    />
                  )}
                </Field>
                <Show when={tasks.length > 1}>
                  <button
                    type="button"
                    class="button quiet icon-only"
                    aria-label={`Remove task ${at + 1}`}
                    onClick={() => setTasks(without(tasks, at))}
                  >
                    <Icon name="trash" />
                  </button>
                </Show>
              </div>
              <Field label="What is wanted" hideLabel wrong={errors().get(`tasks.${at}.body`)}>
                {(wiring) => (
                  <textarea
                    {...wiring}
                    class="input"
                    style={{ 'min-height': '56px' }}
                    placeholder="What is wanted"
                    value={task().body}
                    onInput={(event) => setTasks(at, 'body', event.currentTarget.value)}
                  />
                )}
              </Field>
              <Show when={at > 0}>
                <div class="row wrap small">
                  <span class="muted">Waits for</span>
                  <Index each={tasks.slice(0, at)}>
                    {(_earlier, on) => (
                      <label class="check">
                        <input
                          type="checkbox"
                          checked={task().dependsOn.includes(on)}
                          onChange={(event) => toggle(at, on, event.currentTarget.checked)}
                        />
                        Task {on + 1}
                      </label>
                    )}
                  </Index>
                </div>
              </Show>
            </div>
          )}
        </Index>
        <div>
          <button
            type="button"
            class="button"
            disabled={tasks.length >= 40}
            onClick={() => setTasks(tasks.length, { title: '', body: '', dependsOn: [] })}
          >
            <Icon name="plus" />
            Add a task
          </button>
        </div>
        <Show when={isDemo()}>
          <DemoNote townId={props.townId} />
        </Show>
        <ErrorNote error={act.error()} />
        <div class="form-end">
          <button type="button" class="button quiet" onClick={() => props.onClose()}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={act.isRunning() || !isComplete()}>
            <Show when={act.isRunning()}>
              <Spinner />
            </Show>
            Sling {count(tasks.length, 'bead')}
          </button>
        </div>
      </form>
    </Dialog>
  );
};
