// What is special to a merge request: the last result, the verdict, the gates with their output.
import { For, Show } from 'solid-js';
import type { Bead, BeadDetails } from '../../../functions/contracts/bead.schema.ts';
import { Brief } from '../parts/brief.tsx';
import { Icon } from '../parts/icon.tsx';
import { Markdown } from '../parts/markdown.tsx';
import { Note, Pill } from '../parts/pieces.tsx';
import { lasting } from '../words/time.ts';
import { PullRequestSection } from './pull-request-section.tsx';

type MergeDetails = Extract<BeadDetails, { type: 'merge_request' }>;

export const MergeSections = (props: { readonly merge: MergeDetails; readonly request: Bead }) => (
  <>
    <Show when={props.merge.stage !== 'queued' && props.merge.landedSha === undefined ? props.merge.lastResult : undefined}>
      {(last) => (
        <div class="section">
          <Note tone="warn">
            <strong>Last result: {last().result.replaceAll('_', ' ')}.</strong> <Brief text={last().message} />
          </Note>
        </div>
      )}
    </Show>
    <Show when={props.merge.pullRequest}>{(watch) => <PullRequestSection watch={watch()} request={props.request} />}</Show>
    <Show when={props.merge.review?.verdict}>
      {(verdict) => (
        <section class="section">
          <h3>Review</h3>
          <div class="stack" style={{ gap: '6px' }}>
            <div class="row">
              <Pill tone={verdict().outcome === 'approved' ? 'ok' : 'warn'}>
                {verdict().outcome === 'approved' ? 'Approved' : 'Changes wanted'}
              </Pill>
            </div>
            <Markdown text={verdict().summary} />
            <Show when={verdict().files.length > 0}>
              <p class="muted tiny mono">{verdict().files.join(', ')}</p>
            </Show>
          </div>
        </section>
      )}
    </Show>
    <Show when={props.merge.gates.length > 0}>
      <section class="section">
        <h3>Gates</h3>
        <For each={props.merge.gates}>
          {(gate) => (
            <details class="gate" open={!gate.ok}>
              <summary>
                <span style={{ color: gate.ok ? 'var(--ok)' : 'var(--bad)' }}>
                  <Icon name={gate.ok ? 'check' : 'alert'} label={gate.ok ? 'Passed' : 'Failed'} />
                </span>
                <strong class="grow">{gate.name}</strong>
                <span class="muted tiny">
                  {gate.timedOut ? 'out of time after ' : ''}
                  {lasting(gate.durationMs)}
                  {gate.ok || gate.exitCode === null ? '' : ` · exit ${gate.exitCode}`}
                </span>
              </summary>
              <pre class="output" tabindex="0">
                {gate.output === '' ? 'No output.' : gate.output}
              </pre>
            </details>
          )}
        </For>
      </section>
    </Show>
  </>
);
