// Where a message to the Mayor is written. Nothing is cut: what is too long is said, and not sent.
import { Show, createMemo, createSignal } from 'solid-js';
import { limits } from '../../../functions/contracts/primitives.schema.ts';
import { createAct } from '../api/act.ts';
import { Icon } from '../parts/icon.tsx';
import { ErrorNote, Spinner } from '../parts/pieces.tsx';
import { roomOf } from './room.ts';

interface Props {
  /** Throws what the client throws; the text then comes back. */
  readonly onSend: (text: string) => Promise<void>;
  /** Gives the sender away, for texts that are offered elsewhere. */
  readonly ref: (send: (text: string) => void) => void;
}

export const Composer = (props: Props) => {
  const [text, setText] = createSignal('');
  let input: HTMLTextAreaElement | undefined;
  const act = createAct((message: string) => props.onSend(message));
  const room = createMemo(() => roomOf(text(), limits.chatBytes));
  const send = async (message: string): Promise<void> => {
    if (message.trim() === '' || roomOf(message, limits.chatBytes).isOver) return;
    setText('');
    // What could not be sent comes back, unless something else was written meanwhile.
    if (!(await act.run(message))) setText((now) => (now === '' ? message : now));
    input?.focus();
  };
  props.ref((message) => void send(message));
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void send(text());
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void send(text());
      }}
    >
      <Show when={act.error()}>
        <div style={{ 'margin-bottom': '8px' }}>
          <ErrorNote error={act.error()} />
        </div>
      </Show>
      <div class="composer-box">
        <label class="hidden-visually" for="mayor-text">
          Message to the Mayor
        </label>
        <textarea
          id="mayor-text"
          ref={(element) => {
            input = element;
          }}
          rows={1}
          placeholder="Ask for work, or ask a question"
          aria-invalid={room().isOver ? 'true' : undefined}
          aria-describedby="mayor-room"
          value={text()}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <button
          type="submit"
          class="button primary icon-only"
          aria-label="Send"
          disabled={text().trim() === '' || room().isOver || act.isRunning()}
        >
          <Show when={act.isRunning()} fallback={<Icon name="send" />}>
            <Spinner />
          </Show>
        </button>
      </div>
      <p class="composer-room" classList={{ bad: room().isOver }} id="mayor-room" role="status">
        {room().sentence}
      </p>
    </form>
  );
};
