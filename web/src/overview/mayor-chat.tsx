// The conversation with the Mayor. Several messages may wait at once; each shows what became of it.
import { useQueryClient } from '@tanstack/solid-query';
import { Show, createEffect, createMemo, createSignal, on, onMount } from 'solid-js';
import { useLocation } from '@solidjs/router';
import type { MayorMessage } from '../../../functions/contracts/town.schema.ts';
import { createAct } from '../api/act.ts';
import { call, createKeys } from '../api/client.ts';
import { useRead } from '../api/read.ts';
import { drawersOf } from '../drawers/drawer-address.ts';
import { DrawerLink } from '../drawers/drawer-link.tsx';
import { useTown } from '../live/town-live.tsx';
import { Icon } from '../parts/icon.tsx';
import { Keyed } from '../parts/keyed.tsx';
import { Markdown } from '../parts/markdown.tsx';
import { Bones, ErrorNote, Panel, Spinner } from '../parts/pieces.tsx';
import { Time } from '../parts/time.tsx';
import { useTitles } from '../parts/titles.ts';
import type { TitleOf } from '../parts/titles.ts';
import { mayorStep } from './mayor-step.ts';

const suggestions = [
  'What can you do for me?',
  'Look at the repository and suggest three small improvements.',
  'Add tests where they are missing.',
];
/** Within this of the end counts as reading along. */
const nearEndPixels = 80;

const Said = (props: { readonly message: MayorMessage; readonly titleOf: TitleOf }) => (
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
      <Markdown text={props.message.text} titleOf={props.message.role === 'user' ? undefined : props.titleOf} />
    </div>
    <Show when={props.message.role === 'user'}>
      <span class="state" classList={{ bad: props.message.state === 'failed' }}>
        {props.message.state === 'queued' ? (
          'Waiting for the Mayor'
        ) : props.message.state === 'failed' ? (
          (props.message.error ?? 'The Mayor could not answer.')
        ) : (
          <Time at={props.message.at} />
        )}
      </span>
    </Show>
  </div>
);

export const MayorChat = (props: { readonly canWork: boolean }) => {
  const { townId } = useTown();
  const titleOf = useTitles();
  const client = useQueryClient();
  const location = useLocation();
  const messages = useRead('mayorMessages', () => ({ params: { townId }, query: { limit: 100 } }));
  const snapshot = useRead('snapshot', () => ({ params: { townId } }));
  const [text, setText] = createSignal('');
  const keys = createKeys();
  let log: HTMLDivElement | undefined;
  let input: HTMLTextAreaElement | undefined;
  let isAtEnd = true;

  const inOrder = createMemo(() => (messages.data()?.items ?? []).toReversed());
  const unanswered = createMemo(() =>
    inOrder().find((message) => message.role === 'user' && (message.state === 'queued' || message.state === 'working')),
  );
  const step = (sinceIso: string): string => {
    const now = snapshot.data();
    return now === undefined ? 'The Mayor is thinking…' : mayorStep(now, sinceIso);
  };
  const toEnd = (): void => {
    if (log !== undefined) log.scrollTop = log.scrollHeight;
  };
  createEffect(
    on([inOrder, unanswered], () => {
      if (isAtEnd) queueMicrotask(toEnd);
    }),
  );
  onMount(() => {
    if (log === undefined) return;
    // Markdown arrives a moment later and makes messages taller.
    const observer = new ResizeObserver(() => {
      if (isAtEnd) toEnd();
    });
    for (const child of log.children) observer.observe(child);
  });

  const act = createAct(async (message: string) => {
    const openBeadId = drawersOf(location.search).findLast((drawer) => drawer.kind === 'bead')?.id;
    const body = {
      text: message,
      context: { page: location.pathname.replace(/^\/towns\/[^/]+/, '') || '/', ...(openBeadId === undefined ? {} : { openBeadId }) },
    };
    await call('sayToMayor', { params: { townId }, body }, { idempotencyKey: keys.keyFor(body) });
    keys.done();
    isAtEnd = true;
    void client.invalidateQueries({ queryKey: ['mayorMessages'] });
  });
  const send = async (message: string): Promise<void> => {
    if (message.trim() === '') return;
    setText('');
    // What could not be sent comes back, unless something else was written meanwhile.
    if (!(await act.run(message))) setText((now) => (now === '' ? message : now));
    input?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void send(text());
  };
  return (
    <Panel
      class="chat"
      title="Mayor"
      plain="plans the work and answers"
      label="Mayor"
      end={
        <DrawerLink kind="agent" to="mayor" class="button quiet" title="What the Mayor does, step by step">
          <Icon name="eye" />
          Session
        </DrawerLink>
      }
    >
      <div
        class="chat-log"
        ref={(element) => {
          log = element;
        }}
        role="log"
        aria-label="Conversation with the Mayor"
        tabindex="0"
        onScroll={(event) => {
          const box = event.currentTarget;
          isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < nearEndPixels;
        }}
      >
        <Show
          when={messages.data()}
          fallback={
            <Show when={messages.error()} fallback={<Bones />}>
              <ErrorNote error={messages.error()} onRetry={messages.refetch} />
            </Show>
          }
        >
          <Keyed
            each={inOrder()}
            by={(message) => message.messageId}
            fallback={
              <div class="stack" style={{ 'margin-top': 'auto' }}>
                <p>
                  <strong>Tell the Mayor what you want done.</strong>
                </p>
                <p class="soft small">
                  {props.canWork
                    ? 'The Mayor looks at the code, breaks the request into beads (pieces of work) and hands them to polecats (workers). You watch them being done, reviewed and merged.'
                    : 'Connect a repository first; then the Mayor can plan work on it.'}
                </p>
                <Show when={props.canWork}>
                  <div class="suggestions">
                    {suggestions.map((suggestion) => (
                      <button
                        type="button"
                        class="suggestion"
                        onClick={() => {
                          void send(suggestion);
                        }}
                      >
                        {suggestion}
                      </button>
                    ))}
                  </div>
                </Show>
              </div>
            }
          >
            {(message) => <Said message={message()} titleOf={titleOf} />}
          </Keyed>
          <Show when={unanswered()}>
            {(message) => (
              <div class="thinking" role="status" data-testid="mayor-step">
                <Spinner />
                <span>{step(message().at)}</span>
              </div>
            )}
          </Show>
        </Show>
      </div>
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
            maxLength={30_000}
            value={text()}
            onInput={(event) => setText(event.currentTarget.value)}
            onKeyDown={onKeyDown}
          />
          <button type="submit" class="button primary icon-only" aria-label="Send" disabled={text().trim() === '' || act.isRunning()}>
            <Show when={act.isRunning()} fallback={<Icon name="send" />}>
              <Spinner />
            </Show>
          </button>
        </div>
      </form>
    </Panel>
  );
};
