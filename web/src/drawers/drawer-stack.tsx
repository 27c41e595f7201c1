// Shows the drawers that the address names, the last on top.
import { useLocation, useNavigate } from '@solidjs/router';
import { For, Show, Suspense, createMemo, lazy } from 'solid-js';
import { Bones } from '../parts/pieces.tsx';
import { Drawer } from './drawer.tsx';
import { drawersOf, keyOfDrawer, withoutDrawer } from './drawer-address.ts';

const BeadDrawer = lazy(() => import('./bead-drawer.tsx').then((module) => ({ default: module.BeadDrawer })));
const AgentDrawer = lazy(() => import('./agent-drawer.tsx').then((module) => ({ default: module.AgentDrawer })));

export const DrawerStack = () => {
  const location = useLocation();
  const navigate = useNavigate();
  const keys = createMemo(() => drawersOf(location.search).map(keyOfDrawer));
  const close = (key: string): void => {
    navigate(`${location.pathname}${withoutDrawer(location.search, key)}`, { replace: true, scroll: false });
  };
  return (
    <For each={keys()}>
      {(key, at) => {
        const id = key.slice(key.indexOf(':') + 1);
        const isBead = key.startsWith('bead:');
        return (
          <Drawer
            label={isBead ? `Bead ${id}` : `Agent ${id}`}
            testid={isBead ? 'bead-drawer' : 'agent-drawer'}
            isFirst={at() === 0}
            isUnder={at() < keys().length - 1}
            onClose={() => close(key)}
          >
            <Suspense fallback={<Bones lines={5} />}>
              <Show when={isBead} fallback={<AgentDrawer agentId={id} />}>
                <BeadDrawer beadId={id} />
              </Show>
            </Suspense>
          </Drawer>
        );
      }}
    </For>
  );
};
