// The changes of one file, in one column with both line numbers.
import { For, Show, createMemo, createSignal } from 'solid-js';
import type { FileDiff } from '../../../functions/contracts/runner.schema.ts';
import { linesOf } from './patch.ts';

const signs = { hunk: '', add: '+', remove: '−', same: ' ', note: '' } as const;
/** More rows than this slow the page down; the rest comes on request. */
const rowsAtFirst = 400;

export const DiffFile = (props: { readonly file: FileDiff; readonly isOpen: boolean }) => {
  const [isOpen, setOpen] = createSignal(props.isOpen);
  const [limit, setLimit] = createSignal(rowsAtFirst);
  const lines = createMemo(() => (isOpen() ? linesOf(props.file.patch) : []));
  return (
    <details class="diff-file" open={props.isOpen} onToggle={(event) => setOpen(event.currentTarget.open)} data-file={props.file.path}>
      <summary>
        <span class="mono grow ellipsis" title={props.file.path}>
          {props.file.oldPath === undefined || props.file.oldPath === props.file.path
            ? props.file.path
            : `${props.file.oldPath} → ${props.file.path}`}
        </span>
        <span class="plus number">+{props.file.additions}</span>
        <span class="minus number">−{props.file.deletions}</span>
      </summary>
      <Show
        when={!props.file.binary}
        fallback={
          <p class="column-empty" style={{ padding: '10px 12px' }}>
            A binary file; its contents are not shown.
          </p>
        }
      >
        <div class="diff-scroll" tabindex="0" role="region" aria-label={`Changes of ${props.file.path}`}>
          <table class="diff-table">
            <tbody>
              <For
                each={lines().slice(0, limit())}
                fallback={
                  <tr>
                    <td class="muted">No lines to show.</td>
                  </tr>
                }
              >
                {(line) => (
                  <Show
                    when={line.kind !== 'hunk'}
                    fallback={
                      <tr class="hunk">
                        <td colspan={3}>{line.text}</td>
                      </tr>
                    }
                  >
                    <tr class={line.kind}>
                      <td class="at">{line.oldNumber}</td>
                      <td class="at">{line.newNumber}</td>
                      <td>
                        <span class="sign">{signs[line.kind]}</span>
                        {line.text}
                      </td>
                    </tr>
                  </Show>
                )}
              </For>
            </tbody>
          </table>
        </div>
        <Show when={lines().length > limit()}>
          <button type="button" class="button quiet" onClick={() => setLimit((now) => now + 2000)}>
            Show {lines().length - limit()} more lines
          </button>
        </Show>
      </Show>
    </details>
  );
};
