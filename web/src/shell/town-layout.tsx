// The frame of a town: navigation, live connection, drawers.
import { A, useLocation, useParams } from '@solidjs/router';
import { For, Show, Suspense, createEffect } from 'solid-js';
import type { ParentProps } from 'solid-js';
import { isNotFound } from '../api/errors.ts';
import { useRead } from '../api/read.ts';
import { DrawerStack } from '../drawers/drawer-stack.tsx';
import { TownLiveProvider, useTown } from '../live/town-live.tsx';
import { Icon } from '../parts/icon.tsx';
import type { IconName } from '../parts/icon.tsx';
import { Bones, Dot, ErrorNote } from '../parts/pieces.tsx';
import { isLive, workingOf } from '../words/status.ts';
import { SignOutButton, ThemeButton } from './account-menu.tsx';
import { ConnectionBar } from './connection-bar.tsx';

interface Place {
  readonly path: string;
  readonly name: string;
  readonly icon: IconName;
  readonly onPhone: boolean;
}
const places: readonly Place[] = [
  { path: '', name: 'Overview', icon: 'home', onPhone: true },
  { path: '/board', name: 'Board', icon: 'board', onPhone: true },
  { path: '/convoys', name: 'Convoys', icon: 'convoy', onPhone: false },
  { path: '/merges', name: 'Merges', icon: 'merge', onPhone: true },
  { path: '/agents', name: 'Agents', icon: 'agent', onPhone: false },
  { path: '/repositories', name: 'Repositories', icon: 'repository', onPhone: true },
  { path: '/search', name: 'Search', icon: 'search', onPhone: false },
  { path: '/settings', name: 'Settings', icon: 'settings', onPhone: true },
];

const Sidebar = () => {
  const { townId } = useTown();
  const snapshot = useRead('snapshot', () => ({ params: { townId } }));
  const merges = useRead('listMerges', () => ({ params: { townId }, query: { limit: 50 } }));
  const attention = () => (merges.data()?.items ?? []).filter((merge) => merge.needsAttention).length;
  const working = () => workingOf(snapshot.data()?.agents ?? []);
  return (
    <nav class="sidebar" aria-label="Town">
      <A class="brand" href="/">
        <img src="/favicon.svg" alt="" />
        Gastown
      </A>
      <A class="town-name" href="/" title="All towns">
        <span class="grow ellipsis">{snapshot.data()?.town.name ?? '…'}</span>
        <Icon name="down" />
      </A>
      <For each={places}>
        {(place) => (
          <A class="nav-link" href={`/towns/${townId}${place.path}`} end={place.path === ''}>
            <Icon name={place.icon} />
            {place.name}
            <Show when={place.path === '/merges' && attention() > 0}>
              <span class="count warn" title={attention() === 1 ? '1 needs your attention' : `${attention()} need your attention`}>
                {attention()}
              </span>
            </Show>
            <Show when={place.path === '/agents' && working() > 0}>
              <span class="count">{working()} working</span>
            </Show>
          </A>
        )}
      </For>
      <Show when={(snapshot.data()?.rigs.length ?? 0) > 0}>
        <div class="side-title">Repositories</div>
        <For each={snapshot.data()?.rigs}>
          {(rig) => (
            <a class="nav-link" href={`/towns/${townId}/board?rig=${rig.rigId}`}>
              <Dot
                tone={(snapshot.data()?.agents ?? []).some(({ agent }) => agent.rigId === rig.rigId && isLive(agent)) ? 'busy' : 'plain'}
                live
              />
              <span class="grow ellipsis">{rig.name}</span>
            </a>
          )}
        </For>
      </Show>
      <div class="side-foot">
        <ThemeButton />
        <SignOutButton />
      </div>
    </nav>
  );
};

const PhoneBars = () => {
  const { townId } = useTown();
  const snapshot = useRead('snapshot', () => ({ params: { townId } }));
  return (
    <>
      <header class="topbar">
        <A href="/" class="button quiet icon-only" aria-label="All towns">
          <Icon name="town" />
        </A>
        <span class="name ellipsis">{snapshot.data()?.town.name ?? 'Gastown'}</span>
        <A href={`/towns/${townId}/convoys`} class="button quiet icon-only" aria-label="Convoys">
          <Icon name="convoy" />
        </A>
        <A href={`/towns/${townId}/search`} class="button quiet icon-only" aria-label="Search">
          <Icon name="search" />
        </A>
        <A href={`/towns/${townId}/agents`} class="button quiet icon-only" aria-label="Agents">
          <Icon name="agent" />
        </A>
        <ThemeButton />
      </header>
      <nav class="tabbar" aria-label="Town pages">
        <For each={places.filter((place) => place.onPhone)}>
          {(place) => (
            <A href={`/towns/${townId}${place.path}`} end={place.path === ''}>
              <Icon name={place.icon} />
              {place.path === '/repositories' ? 'Repos' : place.name}
            </A>
          )}
        </For>
      </nav>
    </>
  );
};

const Frame = (props: ParentProps) => {
  const { townId } = useTown();
  const location = useLocation();
  const town = useRead('snapshot', () => ({ params: { townId } }));
  createEffect(() => {
    const place = places.find(({ path }) => `/towns/${townId}${path}` === location.pathname)?.name ?? 'Gastown';
    document.title = `${place} · ${town.data()?.town.name ?? 'Gastown'}`;
  });
  return (
    <div class="shell">
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <Sidebar />
      <div class="main">
        <ConnectionBar />
        <PhoneBars />
        <main id="main" tabindex="-1">
          <Show when={town.error()} fallback={<Suspense fallback={<Bones lines={4} />}>{props.children}</Suspense>}>
            <div class="page narrow">
              <h1>{isNotFound(town.error()) ? 'There is no such town' : 'The town cannot be shown'}</h1>
              <ErrorNote error={town.error()} onRetry={town.refetch} />
              <p>
                <A href="/">See your towns</A>
              </p>
            </div>
          </Show>
        </main>
      </div>
      <DrawerStack />
    </div>
  );
};

export const TownLayout = (props: ParentProps) => {
  const params = useParams<{ townId: string }>();
  return (
    <Show when={params.townId} keyed>
      {(townId) => (
        <TownLiveProvider townId={townId}>
          <Frame>{props.children}</Frame>
        </TownLiveProvider>
      )}
    </Show>
  );
};
