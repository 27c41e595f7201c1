// The session of an agent as it goes: stored parts by cursor, live parts over the connection.
import { Show, createEffect, createMemo, createSignal, on, onCleanup, onMount } from 'solid-js';
import type { RouteResponse } from '../../../functions/contracts/routes.ts';
import type { SessionPart } from '../../../functions/contracts/runner.schema.ts';
import { call } from '../api/client.ts';
import { useObserved } from '../api/read.ts';
import { DrawerLink } from '../drawers/drawer-link.tsx';
import { useTown } from '../live/town-live.tsx';
import { Keyed } from '../parts/keyed.tsx';
import { Bones, Empty, ErrorNote } from '../parts/pieces.tsx';
import { livesOf } from './session-parts.ts';
import { SessionPartView } from './session-part.tsx';

type Batches = RouteResponse<'agentSession'>['items'];
const mostPages = 20;
const keptLiveParts = 200;
const nearEndPixels = 120;

const readSession = async (townId: string, agentId: string, signal: AbortSignal): Promise<Batches> => {
  const batches: Batches = [];
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const answer = await call(
      'agentSession',
      { params: { townId, agentId }, query: { limit: 100, ...(cursor === undefined ? {} : { cursor }) } },
      { signal },
    );
    batches.push(...answer.items);
    cursor = answer.cursor;
    if (cursor === undefined || answer.items.length === 0) break;
  }
  return batches;
};

export const SessionView = (props: { readonly agentId: string }) => {
  const town = useTown();
  const [live, setLive] = createSignal<readonly SessionPart[]>([]);
  const session = useObserved<Batches>(() => {
    const agentId = props.agentId;
    return {
      queryKey: ['agentSession', { townId: town.townId, agentId }],
      queryFn: ({ signal }) => readSession(town.townId, agentId, signal),
    };
  });
  onCleanup(
    town.watchSession(props.agentId, (part) =>
      setLive((parts) => [...parts.filter((known) => known.seq !== part.seq), part].slice(-keptLiveParts)),
    ),
  );
  const lives = createMemo(() => livesOf(session.data() ?? [], live()));
  const partCount = createMemo(() => lives().reduce((total, life) => total + life.parts.length, 0));

  const readWhole = (partId: string) => call('agentSessionPart', { params: { townId: town.townId, agentId: props.agentId, partId } });
  let end: HTMLDivElement | undefined;
  const scroller = (): Element | null => end?.closest('.drawer-body') ?? null;
  let followsEnd = true;
  onMount(() => {
    const box = scroller();
    const note = (): void => {
      if (box !== null) followsEnd = box.scrollHeight - box.scrollTop - box.clientHeight < nearEndPixels;
    };
    box?.addEventListener('scroll', note, { passive: true });
    onCleanup(() => box?.removeEventListener('scroll', note));
  });
  createEffect(
    on(partCount, () => {
      if (followsEnd) queueMicrotask(() => end?.scrollIntoView({ block: 'end' }));
    }),
  );

  return (
    <div class="session" data-testid="session">
      <ErrorNote error={session.error()} onRetry={session.refetch} />
      <Show
        when={session.data()}
        fallback={
          <Show when={session.isLoading()}>
            <Bones lines={5} />
          </Show>
        }
      >
        <Keyed
          each={lives()}
          by={(life) => String(life.epoch)}
          fallback={<Empty title="No session yet">What the agent reads, thinks and does shows up here while it works.</Empty>}
        >
          {(life) => (
            <>
              <div class="epoch">
                <Show when={life().beadId} fallback="Session">
                  {(beadId) => (
                    <span>
                      Work on{' '}
                      <DrawerLink kind="bead" to={beadId()} class="id">
                        {beadId()}
                      </DrawerLink>
                    </span>
                  )}
                </Show>
              </div>
              <Keyed each={life().parts} by={(part) => String(part.seq)}>
                {(part) => <SessionPartView part={part()} readWhole={readWhole} />}
              </Keyed>
            </>
          )}
        </Keyed>
      </Show>
      <div
        ref={(element) => {
          end = element;
        }}
      />
    </div>
  );
};
