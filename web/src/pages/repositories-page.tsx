// Repositories (rigs) of the town, and connecting one.
import { A, useSearchParams } from '@solidjs/router';
import { For, Show, createSignal } from 'solid-js';
import type { RigView } from '../../../functions/contracts/town.schema.ts';
import { useRead } from '../api/read.ts';
import { useTown } from '../live/town-live.tsx';
import { Icon } from '../parts/icon.tsx';
import { Keyed } from '../parts/keyed.tsx';
import { Bones, Empty, ErrorNote, Panel, Pill } from '../parts/pieces.tsx';
import { Time } from '../parts/time.tsx';
import { ConnectDialog } from '../repositories/connect-dialog.tsx';
import { GatesDialog } from '../repositories/gates-dialog.tsx';

export const RepositoriesPage = () => {
  const { townId } = useTown();
  const [search, setSearch] = useSearchParams<{ connect?: string }>();
  const rigs = useRead('listRigs', () => ({ params: { townId }, query: { limit: 100 } }));
  const [edited, setEdited] = createSignal<RigView>();
  const connect = (isOpen: boolean): void => setSearch({ connect: isOpen ? '1' : undefined }, { replace: true, scroll: false });
  return (
    <div class="page narrow">
      <div class="page-head">
        <div class="titles">
          <h1>
            Repositories <span class="lore">rigs</span>
          </h1>
          <p class="sub">Agents work in their own clones and push only to branches of their own. Main changes by merges alone.</p>
        </div>
        <Show when={(rigs.data()?.items.length ?? 0) > 0}>
          <button type="button" class="button primary" onClick={() => connect(true)}>
            <Icon name="plus" />
            Connect
          </button>
        </Show>
      </div>
      <ErrorNote error={rigs.error()} onRetry={rigs.refetch} />
      <Show
        when={rigs.data()}
        fallback={
          <Show when={rigs.isLoading()}>
            <Bones />
          </Show>
        }
      >
        {(page) => (
          <div class="stack" style={{ gap: '16px' }}>
            <Keyed
              each={page().items}
              by={(rig) => rig.rigId}
              fallback={
                <Panel title="Connect your first repository" label="Connect your first repository">
                  <Empty title="Any git repository will do">
                    Give its address or its path on this machine. The town reads it, works on branches, and merges into its default branch.
                    <button type="button" class="button primary" onClick={() => connect(true)}>
                      Connect a repository
                    </button>
                  </Empty>
                </Panel>
              }
            >
              {(rig) => (
                <Panel
                  title={rig().name}
                  label={rig().name}
                  end={
                    <>
                      <A class="button quiet" href={`/towns/${townId}/board?rig=${rig().rigId}`}>
                        <Icon name="board" />
                        Board
                      </A>
                      <button type="button" class="button quiet" onClick={() => setEdited(rig())}>
                        <Icon name="settings" />
                        Gates and name
                      </button>
                    </>
                  }
                >
                  <div class="panel-body stack">
                    <dl class="facts">
                      <dt>Address</dt>
                      <dd class="mono">{rig().gitUrl}</dd>
                      <dt>Merges into</dt>
                      <dd class="mono">{rig().defaultBranch}</dd>
                      <dt>Bead ids</dt>
                      <dd class="mono">{rig().prefix}-…</dd>
                      <dt>Credential</dt>
                      <dd>{rig().credentialRef === undefined ? 'None' : 'Stored'}</dd>
                      <dt>Connected</dt>
                      <dd>
                        <Time at={rig().createdAt} />
                      </dd>
                      <dt>Gates</dt>
                      <dd>
                        <Show
                          when={rig().gates.length > 0}
                          fallback={<span class="muted">None. Add the command of your tests, so that only what passes is merged.</span>}
                        >
                          <ul class="stack" style={{ gap: '4px' }}>
                            <For each={rig().gates}>
                              {(gate) => (
                                <li class="row wrap">
                                  <Pill>{gate.name}</Pill>
                                  <code>{gate.command}</code>
                                </li>
                              )}
                            </For>
                          </ul>
                        </Show>
                      </dd>
                    </dl>
                  </div>
                </Panel>
              )}
            </Keyed>
          </div>
        )}
      </Show>
      <Show when={search.connect === '1'}>
        <ConnectDialog townId={townId} onClose={() => connect(false)} />
      </Show>
      <Show when={edited()}>{(rig) => <GatesDialog rig={rig()} onClose={() => setEdited(undefined)} />}</Show>
    </div>
  );
};
