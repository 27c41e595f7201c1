// Every setting of the table for the town or one of its repositories: made from the table, so that none is missing.
import { A } from '@solidjs/router';
import { useQueryClient } from '@tanstack/solid-query';
import { For, Show, createMemo, createSignal } from 'solid-js';
import type { SettingRow, SettingsPatch } from '../../../functions/contracts/settings.schema.ts';
import { call } from '../api/client.ts';
import { useRead } from '../api/read.ts';
import { rigChoices } from '../board/choices.ts';
import { useTown } from '../live/town-live.tsx';
import { Field } from '../parts/field.tsx';
import { Keyed } from '../parts/keyed.tsx';
import { Bones, Empty, ErrorNote, Panel } from '../parts/pieces.tsx';
import { Select } from '../parts/select.tsx';
import { SettingRowEditor } from '../settings/setting-row.tsx';
import type { EditedScope } from '../settings/setting-row.tsx';
import { toast } from '../shell/toasts.tsx';

/** `merge.codeReview` is of `merge`. */
const groupOf = ({ key }: SettingRow): string => key.split('.', 1)[0] ?? key;
const readAgain = ['listSettings', 'getConfig', 'getTown', 'listRigs', 'getRig'];

export const AllSettingsPage = () => {
  const { townId } = useTown();
  const client = useQueryClient();
  /** Of the whole town when empty. */
  const [rigId, setRigId] = createSignal('');
  const [search, setSearch] = createSignal('');
  const scope = (): EditedScope => (rigId() === '' ? 'town' : 'rig');
  const town = useRead('getTown', () => ({ params: { townId } }));
  const rigs = useRead('listRigs', () => ({ params: { townId }, query: { limit: 100 } }));
  const table = useRead('listSettings', () => ({ params: { townId }, query: rigId() === '' ? {} : { rigId: rigId() } }));
  const groups = createMemo(() => {
    const wanted = search().trim().toLowerCase();
    const rows = (table.data()?.items ?? []).filter(
      (row) => row.scopes.includes(scope()) && `${row.key} ${row.sentence}`.toLowerCase().includes(wanted),
    );
    return [...Map.groupBy(rows, groupOf)].map(([name, items]) => ({ name, items }));
  });
  const save = async (patch: SettingsPatch): Promise<void> => {
    const rig = rigs.data()?.items.find((known) => known.rigId === rigId());
    try {
      if (rig === undefined) {
        const version = town.data()?.version;
        await call('updateConfig', { params: { townId }, body: patch }, version === undefined ? {} : { ifMatch: version });
      } else await call('updateRigConfig', { params: { townId, rigId: rig.rigId }, body: patch }, { ifMatch: rig.version });
      toast('Saved; the next work uses it');
    } finally {
      // Also after a refusal: somebody else may have changed it meanwhile.
      await Promise.all(readAgain.map((routeId) => client.invalidateQueries({ queryKey: [routeId] })));
    }
  };
  return (
    <div class="page narrow">
      <div class="page-head">
        <div class="titles">
          <h1>All settings</h1>
          <p class="sub">
            What a repository says comes before what the town says, and that before the organisation.{' '}
            <A href={`/towns/${townId}/settings`}>Back to the usual ones</A>
          </p>
        </div>
      </div>
      <div class="form-row">
        <Field label="For">
          {(wiring) => (
            <Select
              {...wiring}
              choices={[{ value: '', label: 'The whole town' }, ...rigChoices(rigs.data()?.items ?? [])]}
              value={rigId()}
              onChoose={setRigId}
            />
          )}
        </Field>
        <Field label="Find">
          {(wiring) => (
            <input
              {...wiring}
              class="input"
              type="search"
              autocomplete="off"
              placeholder="budget, merge, review …"
              value={search()}
              onInput={(event) => setSearch(event.currentTarget.value)}
            />
          )}
        </Field>
      </div>
      <ErrorNote error={table.error()} onRetry={table.refetch} />
      <Show
        when={table.data()}
        fallback={
          <Show when={table.isLoading()}>
            <Bones />
          </Show>
        }
      >
        <For each={groups().map((group) => group.name)} fallback={<Empty title="No setting matches">Try another word.</Empty>}>
          {(name) => (
            <Panel title={name} label={`Settings ${name}`}>
              <ul class="list">
                <Keyed each={groups().find((group) => group.name === name)?.items ?? []} by={(row) => `${rigId()} ${row.key}`}>
                  {(row) => <SettingRowEditor row={row()} scope={scope()} save={save} />}
                </Keyed>
              </ul>
            </Panel>
          )}
        </For>
      </Show>
    </div>
  );
};
