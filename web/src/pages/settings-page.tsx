// Settings of the town: its name, models, merging, limits, instructions. Gates are settings of a repository.
import { A } from '@solidjs/router';
import { useQueryClient } from '@tanstack/solid-query';
import { Show, createSignal } from 'solid-js';
import type { TownView } from '../../../functions/contracts/town.schema.ts';
import { createAct } from '../api/act.ts';
import { call } from '../api/client.ts';
import { fieldErrorsOf } from '../api/errors.ts';
import { useRead } from '../api/read.ts';
import { useTown } from '../live/town-live.tsx';
import { Field } from '../parts/field.tsx';
import { Bones, ErrorNote, Panel, Spinner } from '../parts/pieces.tsx';
import { SettingsForm } from '../settings/settings-form.tsx';
import { TownEnd } from '../settings/town-end.tsx';
import { toast } from '../shell/toasts.tsx';

const TownName = (props: { readonly town: TownView }) => {
  const client = useQueryClient();
  const [name, setName] = createSignal(props.town.name);
  const act = createAct(async () => {
    await call('updateTown', { params: { townId: props.town.townId }, body: { name: name().trim() } }, { ifMatch: props.town.version });
    await Promise.all(['getTown', 'snapshot', 'listTowns'].map((routeId) => client.invalidateQueries({ queryKey: [routeId] })));
    toast('Renamed');
  });
  return (
    <Panel title="Town" label="Town">
      <form
        class="panel-body row"
        style={{ 'align-items': 'flex-end' }}
        onSubmit={(event) => {
          event.preventDefault();
          void act.run();
        }}
      >
        <Field class="grow" label="Name" wrong={fieldErrorsOf(act.error()).get('name')}>
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
        <button type="submit" class="button" disabled={act.isRunning() || name().trim() === '' || name().trim() === props.town.name}>
          <Show when={act.isRunning()}>
            <Spinner />
          </Show>
          Rename
        </button>
      </form>
      <Show when={act.error() !== undefined && fieldErrorsOf(act.error()).size === 0}>
        <div class="panel-body">
          <ErrorNote error={act.error()} />
        </div>
      </Show>
    </Panel>
  );
};

export const SettingsPage = () => {
  const { townId } = useTown();
  const town = useRead('getTown', () => ({ params: { townId } }));
  const config = useRead('getConfig', () => ({ params: { townId } }));
  return (
    <div class="page narrow">
      <div class="page-head">
        <div class="titles">
          <h1>Settings</h1>
          <p class="sub">
            Gates belong to a repository: see <A href={`/towns/${townId}/repositories`}>Repositories</A>. Everything that can be set, for
            the town or a repository, is in <A href={`/towns/${townId}/settings/all`}>all settings</A>.
          </p>
        </div>
      </div>
      <ErrorNote
        error={config.error() ?? town.error()}
        onRetry={() => {
          config.refetch();
          town.refetch();
        }}
      />
      <Show
        when={town.data()}
        fallback={
          <Show when={town.isLoading()}>
            <Bones />
          </Show>
        }
      >
        {(known) => (
          <>
            <TownName town={known()} />
            <Show when={config.data()}>{(stored) => <SettingsForm town={known()} config={stored()} />}</Show>
            <TownEnd town={known()} />
          </>
        )}
      </Show>
    </div>
  );
};
