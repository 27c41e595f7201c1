// Banners of the overview: what needs a person, and whether the town is awake.
import { A } from '@solidjs/router';
import { For, Show } from 'solid-js';
import type { RouteResponse } from '../../../functions/contracts/routes.ts';
import { DrawerLink } from '../drawers/drawer-link.tsx';
import { Brief } from '../parts/brief.tsx';
import { Note, Pill } from '../parts/pieces.tsx';

type Snapshot = RouteResponse<'snapshot'>;

const lifeOf = (snapshot: Snapshot): { readonly word: string; readonly title: string; readonly isBusy: boolean } => {
  switch (snapshot.runtime?.state) {
    case 'live':
      return { word: 'Awake', title: 'The town runner is up: agents can work.', isBusy: true };
    case 'starting':
      return { word: 'Waking up', title: 'The town runner is starting.', isBusy: true };
    case 'draining':
    case 'stopping':
      return { word: 'Going to sleep', title: 'The town runner finishes what it does and stops.', isBusy: false };
    case 'absent':
    case undefined:
    default:
      return { word: 'Asleep', title: 'Nothing runs. It wakes by itself when there is work.', isBusy: false };
  }
};

export const TownLife = (props: { readonly snapshot: Snapshot }) => {
  const life = () => lifeOf(props.snapshot);
  return (
    <span title={life().title}>
      <Pill tone={life().isBusy ? 'ok' : 'plain'}>{life().word}</Pill>
    </span>
  );
};

export const TownBanners = (props: { readonly snapshot: Snapshot }) => {
  const open = () => props.snapshot.escalations.filter((bead) => bead.status !== 'closed' && bead.status !== 'failed').slice(0, 3);
  return (
    <>
      <Show when={props.snapshot.runtime?.state !== 'live' && props.snapshot.runtime?.lastError}>
        {(message) => (
          <Note tone="bad" alert>
            <strong>The town could not wake up.</strong> It tries again by itself. <Brief text={message()} />
          </Note>
        )}
      </Show>
      <For each={open()}>
        {(bead) => (
          <Note tone="warn">
            <strong>Needs you:</strong>{' '}
            <DrawerLink kind="bead" to={bead.beadId}>
              {bead.title}
            </DrawerLink>
          </Note>
        )}
      </For>
      <Show when={props.snapshot.rigs.length === 0}>
        <Note tone="busy">
          <strong>Connect a repository</strong> so that there is something to work on.{' '}
          <A href={`/towns/${props.snapshot.town.townId}/repositories?connect=1`}>Connect one now</A>
        </Note>
      </Show>
    </>
  );
};
