// The conversation with the Mayor. Several messages may wait at once; each shows what became of it.
import { useQueryClient } from '@tanstack/solid-query';
import { Show, createMemo, onMount } from 'solid-js';
import { useLocation } from '@solidjs/router';
import { call, createKeys } from '../api/client.ts';
import { useRead } from '../api/read.ts';
import { drawersOf } from '../drawers/drawer-address.ts';
import { DrawerLink } from '../drawers/drawer-link.tsx';
import { useTown } from '../live/town-live.tsx';
import { DemoNote, isDemoModel, isSample } from '../parts/demo-note.tsx';
import { Icon } from '../parts/icon.tsx';
import { Keyed } from '../parts/keyed.tsx';
import { Bones, ErrorNote, Panel, Spinner } from '../parts/pieces.tsx';
import { useTitles } from '../parts/titles.ts';
import { Composer } from './composer.tsx';
import { mayorStep, waitingSince } from './mayor-step.ts';
import { Said } from './said.tsx';
import { createStickToEnd } from './stick-to-end.ts';

const suggestions = [
  'What can you do for me?',
  'Look at the repository and suggest three small improvements.',
  'Add tests where they are missing.',
];

const Welcome = (props: { readonly canWork: boolean; readonly onAsk: (text: string) => void }) => (
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
          <button type="button" class="suggestion" onClick={() => props.onAsk(suggestion)}>
            {suggestion}
          </button>
        ))}
      </div>
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
  const keys = createKeys();
  const end = createStickToEnd();
  let log: HTMLDivElement | undefined;
  let lines: HTMLDivElement | undefined;
  let ask: (text: string) => void = () => undefined;
  onMount(() => {
    if (log !== undefined && lines !== undefined) end.attach(log, lines);
  });

  const inOrder = createMemo(() => (messages.data()?.items ?? []).toReversed());
  const since = createMemo(() => waitingSince(inOrder()));
  const step = (sinceIso: string): string => {
    const now = snapshot.data();
    return now === undefined ? 'The Mayor is thinking…' : mayorStep(now, sinceIso);
  };
  const isDemo = () => {
    const now = snapshot.data();
    const config = now?.town.config;
    return (now?.rigs ?? []).some((rig) => !isSample(rig)) && (isDemoModel(config, 'mayor') || isDemoModel(config, 'polecat'));
  };
  const send = async (text: string): Promise<void> => {
    const openBeadId = drawersOf(location.search).findLast((drawer) => drawer.kind === 'bead')?.id;
    const body = {
      text,
      context: { page: location.pathname.replace(/^\/towns\/[^/]+/, '') || '/', ...(openBeadId === undefined ? {} : { openBeadId }) },
    };
    await call('sayToMayor', { params: { townId }, body }, { idempotencyKey: keys.keyFor(body) });
    keys.done();
    end.goToEnd();
    void client.invalidateQueries({ queryKey: ['mayorMessages'] });
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
        onScroll={() => end.onScroll()}
      >
        <div
          class="chat-lines"
          ref={(element) => {
            lines = element;
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
              fallback={<Welcome canWork={props.canWork} onAsk={(text) => ask(text)} />}
            >
              {(message) => <Said message={message()} titleOf={titleOf} onUnfold={() => end.letGo()} />}
            </Keyed>
            <Show when={since()}>
              {(sinceIso) => (
                <div class="thinking" role="status" data-testid="mayor-step">
                  <Spinner />
                  <span class="ellipsis">{step(sinceIso())}</span>
                </div>
              )}
            </Show>
          </Show>
        </div>
      </div>
      <Show when={isDemo()}>
        <div class="chat-note">
          <DemoNote townId={townId} />
        </div>
      </Show>
      <Composer
        onSend={send}
        ref={(sender) => {
          ask = sender;
        }}
      />
    </Panel>
  );
};
