// A text of a machine, often an error: its first line, the rest on request, and the way to the settings when it is about the model.
import { A, useParams } from '@solidjs/router';
import { Show, createMemo, createSignal } from 'solid-js';
import { briefOf, isAboutModel } from '../words/brief.ts';
import { LinkedText } from './linked-text.tsx';
import type { TitleOf } from './titles.ts';

interface Props {
  readonly text: string;
  /** Given: ids of beads that it knows become links. */
  readonly titleOf?: TitleOf | undefined;
  /** The way to the settings is shown beside it already. */
  readonly noSettings?: boolean;
}

export const Brief = (props: Props) => {
  const params = useParams<{ townId?: string }>();
  const [isWhole, setWhole] = createSignal(false);
  const brief = createMemo(() => briefOf(props.text));
  return (
    <span class="brief">
      <span classList={{ whole: isWhole() }}>
        <LinkedText text={isWhole() ? props.text.trim() : brief().text} titleOf={props.titleOf} />
      </span>
      <Show when={brief().isCut}>
        {' '}
        <button type="button" class="link" aria-expanded={isWhole() ? 'true' : 'false'} onClick={() => setWhole((now) => !now)}>
          {isWhole() ? 'less' : 'more'}
        </button>
      </Show>
      <Show when={props.noSettings !== true && isAboutModel(props.text) && params.townId}>
        {(townId) => (
          <>
            {' '}
            <A class="to-settings" href={`/towns/${townId()}/settings`}>
              Open Settings
            </A>
          </>
        )}
      </Show>
    </span>
  );
};
