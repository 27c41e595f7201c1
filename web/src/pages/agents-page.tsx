// Every agent of the town, active first.
import { Show } from 'solid-js';
import { useRead } from '../api/read.ts';
import { useTown } from '../live/town-live.tsx';
import { AgentRow, activeFirst } from '../parts/agent-row.tsx';
import { Keyed } from '../parts/keyed.tsx';
import { Bones, Empty, ErrorNote, Panel } from '../parts/pieces.tsx';
import { count, isLive } from '../words/status.ts';

export const AgentsPage = () => {
  const { townId } = useTown();
  const agents = useRead('listAgents', () => ({ params: { townId }, query: { limit: 100 } }));
  const running = () => (agents.data()?.items ?? []).filter(({ agent }) => isLive(agent)).length;
  return (
    <div class="page narrow">
      <div class="page-head">
        <div class="titles">
          <h1>Agents</h1>
          <p class="sub">The Mayor plans, polecats (workers) do the work, the Refinery reviews and merges. Open one to read along.</p>
        </div>
      </div>
      <ErrorNote error={agents.error()} onRetry={agents.refetch} />
      <Show
        when={agents.data()}
        fallback={
          <Show when={agents.isLoading()}>
            <Bones />
          </Show>
        }
      >
        {(page) => (
          <Panel title={running() === 0 ? 'Nobody is working' : `${count(running(), 'agent')} running`} label="Agents">
            <ul class="list" data-testid="agents">
              <Keyed
                each={activeFirst(page().items)}
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
        )}
      </Show>
    </div>
  );
};
