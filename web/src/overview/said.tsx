// One message of the conversation with the Mayor, and what became of it.
import { Match, Show, Switch } from 'solid-js';
import type { MayorMessage } from '../../../functions/contracts/town.schema.ts';
import { Brief } from '../parts/brief.tsx';
import { Folded } from '../parts/folded.tsx';
import { Markdown } from '../parts/markdown.tsx';
import { Time } from '../parts/time.tsx';
import type { TitleOf } from '../parts/titles.ts';

interface Props {
  readonly message: MayorMessage;
  readonly titleOf: TitleOf;
  readonly onUnfold: () => void;
}

export const Said = (props: Props) => (
  <div
    class={`said ${props.message.role === 'user' ? 'user' : 'mayor'}`}
    data-testid={`message-${props.message.role}`}
    data-state={props.message.state}
  >
    <Show when={props.message.role !== 'user'}>
      <span class="who">
        <strong>{props.message.role === 'mayor' ? 'Mayor' : 'Town'}</strong>
        <Time at={props.message.at} />
      </span>
    </Show>
    <div class="text">
      <Folded onUnfold={props.onUnfold}>
        <Markdown text={props.message.text} titleOf={props.message.role === 'user' ? undefined : props.titleOf} />
      </Folded>
    </div>
    <Show when={props.message.role === 'user'}>
      <span class="state" classList={{ bad: props.message.state === 'failed' }}>
        <Switch fallback={<Time at={props.message.at} />}>
          <Match when={props.message.state === 'queued'}>Waiting for the Mayor</Match>
          <Match when={props.message.state === 'failed'}>
            <Brief text={props.message.error ?? 'The Mayor could not answer.'} />
          </Match>
        </Switch>
      </span>
    </Show>
  </div>
);
