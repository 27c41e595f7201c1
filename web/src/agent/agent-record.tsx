// What an agent has done under its name so far: the facts of its record. Reads them when it is shown.
import { For, Show } from 'solid-js';
import { useRead } from '../api/read.ts';
import { useTown } from '../live/town-live.tsx';
import { Bones, ErrorNote } from '../parts/pieces.tsx';
import { count } from '../words/status.ts';
import { dollarsOf, hoursOf } from '../words/figures.ts';

const percent = (share: number): string => `${Math.round(share * 100)} %`;

export const AgentRecord = (props: { readonly agentId: string }) => {
  const { townId } = useTown();
  const read = useRead('agentCv', () => ({ params: { townId, agentId: props.agentId } }));
  return (
    <section class="section" data-testid="agent-record">
      <h3>Record</h3>
      <Show
        when={read.data()}
        fallback={
          <Show when={read.error()} fallback={<Bones lines={3} />}>
            {(error) => <ErrorNote error={error()} onRetry={read.refetch} />}
          </Show>
        }
      >
        {(cv) => (
          <dl class="facts">
            <dt>Beads done</dt>
            <dd class="number">{cv().beadsDone}</dd>
            <Show when={cv().firstPassRate}>
              {(rate) => (
                <>
                  <dt>Merged at the first review</dt>
                  <dd class="number">{percent(rate())}</dd>
                </>
              )}
            </Show>
            <dt>Rework</dt>
            <dd>{count(cv().reworkRounds, 'round')}</dd>
            <dt>Working time</dt>
            <dd class="number">{hoursOf(cv().workedMs)}</dd>
            <dt>Cost of its model calls</dt>
            <dd class="number">{dollarsOf(cv().costMicroUsd)}</dd>
            <Show when={cv().models.length > 0}>
              <dt>Models</dt>
              <dd>
                <For each={cv().models}>
                  {(used) => (
                    <div>
                      <span class="mono">{used.model}</span> <span class="muted">{count(used.calls, 'call')}</span>
                    </div>
                  )}
                </For>
              </dd>
            </Show>
            <Show when={cv().languages.length > 0}>
              <dt>Languages</dt>
              <dd>
                {cv()
                  .languages.map(({ language, files }) => `${language} (${count(files, 'file')})`)
                  .join(', ')}
              </dd>
            </Show>
          </dl>
        )}
      </Show>
    </section>
  );
};
