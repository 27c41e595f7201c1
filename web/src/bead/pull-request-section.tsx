// The pull request of a merge request: where it is, what it waits for, and the two things that a person can decide about it here.
import { useQueryClient } from '@tanstack/solid-query';
import { Show } from 'solid-js';
import type { Bead } from '../../../functions/contracts/bead.schema.ts';
import type { PullRequestWatch } from '../../../functions/contracts/pull-request-watch.schema.ts';
import { createAct } from '../api/act.ts';
import { call } from '../api/client.ts';
import { ErrorNote, Pill } from '../parts/pieces.tsx';
import { toast } from '../shell/toasts.tsx';

const checksOf = ({ seen }: PullRequestWatch): string => {
  if (seen === undefined) return '';
  const failing = seen.failing.length === 0 ? '' : `, ${seen.failing.length} failing`;
  const pending = seen.pending === 0 ? '' : `, ${seen.pending} running`;
  const threads = seen.openThreads === 0 ? '' : ` · ${seen.openThreads} open threads`;
  return `${seen.passed} checks passed${failing}${pending} · ${seen.approvals} of ${seen.requiredApprovals} approvals${threads}`;
};

export const PullRequestSection = (props: { readonly watch: PullRequestWatch; readonly request: Bead }) => {
  const client = useQueryClient();
  const isOpen = () => props.request.status === 'open';
  const decide = createAct(async (decision: 'merge' | 'hold') => {
    const { townId, beadId } = props.request;
    await call('decideMerge', { params: { townId, beadId }, body: { decision } });
    await Promise.all(['getBead', 'listMerges', 'beadExplain'].map((routeId) => client.invalidateQueries({ queryKey: [routeId] })));
    toast(decision === 'merge' ? `${beadId} is merged after a last look` : `${beadId} is not merged by itself`);
  });
  return (
    <section class="section">
      <h3>Pull request</h3>
      <div class="stack" style={{ gap: '6px' }}>
        <div class="row wrap">
          <Show when={props.watch.ref} fallback={<span class="muted">It is being opened.</span>}>
            {(ref) => (
              <a href={ref().url} target="_blank" rel="noreferrer noopener">
                {ref().repo} #{ref().number}
              </a>
            )}
          </Show>
          <Show when={isOpen() && props.watch.ready === true}>
            <Pill tone="ok">Ready</Pill>
          </Show>
        </div>
        <Show when={isOpen() ? props.watch.waitsFor : undefined}>{(sentence) => <p>{sentence()}</p>}</Show>
        <Show when={checksOf(props.watch)}>{(text) => <p class="muted tiny">{text()}</p>}</Show>
        <ErrorNote error={decide.error()} />
        <Show when={isOpen() && props.watch.ready === true}>
          <div class="row wrap">
            <button type="button" class="button" disabled={decide.isRunning()} onClick={() => void decide.run('merge')}>
              Merge now
            </button>
            <Show when={props.watch.mergeAt !== undefined}>
              <button type="button" class="button quiet" disabled={decide.isRunning()} onClick={() => void decide.run('hold')}>
                Do not merge by itself
              </button>
            </Show>
          </div>
        </Show>
      </div>
    </section>
  );
};
