// Every agent of the town, active first.
import { Show } from 'solid-js';
import { useRead } from '../api/read.ts';
import { useTown } from '../live/town-live.tsx';
import { AgentRow, activeFirst } from '../parts/agent-row.tsx';
import { Keyed } from '../parts/keyed.tsx';
import { Bones, Empty, Panel } from '../parts/pieces.tsx';
import { count, workingOf } from '../words/status.ts';

export const AgentsPage = () => {
  const { townId } = useTown();
  // The same answer that the navigation counts in.
  const town = useRead('snapshot', () => ({ params: { townId } }));
  const agents = () => activeFirst(town.data()?.agents ?? []);
  const working = () => workingOf(agents());
  return (
    <div class="page narrow">
      <div class="page-head">
        <div class="titles">
          <h1>Agents</h1>
          <p class="sub">The Mayor plans, polecats (workers) do the work, the Refinery reviews and merges. Open one to read along.</p>
        </div>
      </div>
      <Show when={town.data()} fallback={<Bones />}>
        <Panel
          title={working() === 0 ? 'Nobody is working' : `${working()} working`}
          plain={agents().length === 0 ? '' : `of ${count(agents().length, 'agent')}`}
          label="Agents"
        >
          <ul class="list" data-testid="agents">
            <Keyed
              each={agents()}
              by={(view) => view.agent.agentId}
              fallback={
                <Empty title="No agents yet">They appear when there is work, and go when it is done. Ask the Mayor for something.</Empty>
              }
            >
              {(view) => (
                <li>
                  <AgentRow view={view()} />
                </li>
              )}
            </Keyed>
          </ul>
        </Panel>
      </Show>
    </div>
  );
};
