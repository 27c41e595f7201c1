// Commits and diff of a bead. The runner computes the diff; until it has, this asks again.
import { For, Show } from 'solid-js';
import { useRead } from '../api/read.ts';
import { useTown } from '../live/town-live.tsx';
import { Icon } from '../parts/icon.tsx';
import { Bones, Empty, ErrorNote, Note, Spinner } from '../parts/pieces.tsx';
import { Time } from '../parts/time.tsx';
import { count } from '../words/status.ts';
import { DiffFile } from './diff-file.tsx';

const askAgainMs = 1500;

export const Changes = (props: { readonly beadId: string }) => {
  const { townId } = useTown();
  const params = () => ({ params: { townId, beadId: props.beadId } });
  const commits = useRead('beadCommits', params);
  const diff = useRead('beadDiff', params, { refetchMs: (answer) => (answer !== undefined && !answer.ready ? askAgainMs : false) });
  const sum = (field: 'additions' | 'deletions'): number => (diff.data()?.files ?? []).reduce((total, file) => total + file[field], 0);
  return (
    <>
      <section class="section" data-testid="commits">
        <h3>Commits</h3>
        <ErrorNote error={commits.error()} onRetry={commits.refetch} />
        <Show
          when={commits.data()}
          fallback={
            <Show when={commits.isLoading()}>
              <Bones lines={1} />
            </Show>
          }
        >
          {(page) => (
            <For each={page().items} fallback={<p class="soft small">No commits yet. They are shown once the agent has pushed.</p>}>
              {(commit) => (
                <div class="commit">
                  <Icon name="commit" />
                  <div class="grow">
                    <div style={{ 'overflow-wrap': 'anywhere' }}>{commit.message.split('\n')[0]}</div>
                    <div class="muted tiny">
                      {commit.authorName}
                      {commit.committerName === commit.authorName ? '' : ` with ${commit.committerName}`} · <Time at={commit.at} />
                    </div>
                  </div>
                  <span class="id" title={commit.sha}>
                    {commit.sha.slice(0, 8)}
                  </span>
                </div>
              )}
            </For>
          )}
        </Show>
      </section>
      <section class="section" data-testid="diff">
        <h3>Changes</h3>
        <ErrorNote error={diff.error()} onRetry={diff.refetch} />
        <Show
          when={diff.data()}
          fallback={
            <Show when={diff.isLoading()}>
              <Bones lines={4} />
            </Show>
          }
        >
          {(answer) => (
            <Show
              when={answer().ready}
              fallback={
                <p class="row soft small" role="status">
                  <Spinner />
                  {answer().message ?? 'The changes are being computed.'}
                </p>
              }
            >
              <Show
                when={answer().files.length > 0}
                fallback={<Empty title="No changes">{answer().message ?? 'Nothing differs from the target branch.'}</Empty>}
              >
                <p class="soft small" style={{ 'margin-bottom': '10px' }}>
                  {count(answer().files.length, 'file')}, <span style={{ color: 'var(--ok)' }}>+{sum('additions')}</span>{' '}
                  <span style={{ color: 'var(--bad)' }}>−{sum('deletions')}</span>
                </p>
                <Show when={answer().truncated}>
                  <div class="section">
                    <Note tone="warn">Only the first part is shown: the change is large.</Note>
                  </div>
                </Show>
                <For each={answer().files}>{(file, at) => <DiffFile file={file} isOpen={at() < 12} />}</For>
              </Show>
            </Show>
          )}
        </Show>
      </section>
    </>
  );
};
