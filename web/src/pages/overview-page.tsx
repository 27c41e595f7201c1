// The town at a glance: the Mayor beside counters, convoys, agents and the live feed.
import { A } from '@solidjs/router';
import { For, Show } from 'solid-js';
import { useRead } from '../api/read.ts';
import { useTown } from '../live/town-live.tsx';
import { FeedPanel } from '../overview/feed-panel.tsx';
import { MayorChat } from '../overview/mayor-chat.tsx';
import { TownBanners, TownLife } from '../overview/town-state.tsx';
import { AgentRow, activeFirst } from '../parts/agent-row.tsx';
import { ConvoyRow } from '../parts/convoy-row.tsx';
import { Keyed } from '../parts/keyed.tsx';
import { Bones, Dot, Empty, Panel } from '../parts/pieces.tsx';
import { statusTone, statusWord, statuses } from '../words/status.ts';

const shownConvoys = 5;
const shownAgents = 8;

export const OverviewPage = () => {
  const { townId } = useTown();
  const snapshot = useRead('snapshot', () => ({ params: { townId } }));
  const agents = () => activeFirst(snapshot.data()?.agents ?? []).slice(0, shownAgents);
  return (
    <div class="page overview-page">
      <div class="page-head">
        <div class="titles row">
          <h1>{snapshot.data()?.town.name ?? 'Town'}</h1>
          <Show when={snapshot.data()}>{(now) => <TownLife snapshot={now()} />}</Show>
        </div>
      </div>
      <Show when={snapshot.data()}>{(now) => <TownBanners snapshot={now()} />}</Show>
      <div class="counters" role="group" aria-label="Beads by status" data-testid="counters">
        <For each={statuses}>
          {(status) => (
            <A class="counter" href={`/towns/${townId}/board?status=${status}`} data-status={status}>
              <span class="value">{snapshot.data()?.counters[status] ?? '–'}</span>
              <span class="name">
                <Dot tone={statusTone[status]} />
                {statusWord[status]}
              </span>
            </A>
          )}
        </For>
      </div>
      <div class="overview">
        <MayorChat canWork={(snapshot.data()?.rigs.length ?? 1) > 0} />
        <div class="sides">
          <div class="side">
            <Panel
              title="Convoys"
              plain="batches of work"
              label="Convoys"
              end={
                <A class="button quiet" href={`/towns/${townId}/convoys`}>
                  All
                </A>
              }
            >
              <Show when={snapshot.data()} fallback={<Bones lines={2} />}>
                {(now) => (
                  <ul class="list" data-testid="convoys">
                    <Keyed
                      each={now().convoys.slice(0, shownConvoys)}
                      by={(convoy) => convoy.beadId}
                      fallback={
                        <Empty title="No convoys yet">
                          Ask the Mayor for something bigger than one change: it becomes a convoy of beads.
                        </Empty>
                      }
                    >
                      {(convoy) => (
                        <li>
                          <ConvoyRow convoy={convoy()} />
                        </li>
                      )}
                    </Keyed>
                  </ul>
                )}
              </Show>
            </Panel>
            <Panel
              title="Agents"
              label="Agents"
              end={
                <A class="button quiet" href={`/towns/${townId}/agents`}>
                  All
                </A>
              }
            >
              <Show when={snapshot.data()} fallback={<Bones lines={2} />}>
                <ul class="list" data-testid="agents">
                  <Keyed
                    each={agents()}
                    by={(view) => view.agent.agentId}
                    fallback={<Empty title="No agents yet">They appear when there is work, and go when it is done.</Empty>}
                  >
                    {(view) => (
                      <li>
                        <AgentRow view={view()} />
                      </li>
                    )}
                  </Keyed>
                </ul>
              </Show>
            </Panel>
          </div>
          <div class="side last">
            <FeedPanel />
          </div>
        </div>
      </div>
    </div>
  );
};
