// Banners of the overview: what needs a person, and whether the town is awake.
import { A } from '@solidjs/router';
import { For, Show, createMemo, createSignal } from 'solid-js';
import type { Bead } from '../../../functions/contracts/bead.schema.ts';
import type { RouteResponse } from '../../../functions/contracts/routes.ts';
import { useRead } from '../api/read.ts';
import { DrawerLink } from '../drawers/drawer-link.tsx';
import { useTown } from '../live/town-live.tsx';
import { Brief } from '../parts/brief.tsx';
import { Keyed } from '../parts/keyed.tsx';
import { Note, Pill } from '../parts/pieces.tsx';
import { count } from '../words/status.ts';
import { aboutOf, escalationGroups } from './escalation-groups.ts';
import type { EscalationGroup } from './escalation-groups.ts';
import { StoppedBanner } from './stopped.tsx';
import { modelTrouble } from './model-trouble.ts';
import type { ModelTrouble } from './model-trouble.ts';

type Snapshot = RouteResponse<'snapshot'>;

const lifeOf = (snapshot: Snapshot): { readonly word: string; readonly title: string; readonly isBusy: boolean } => {
  if (snapshot.town.stopped !== undefined)
    return { word: 'Stopped', title: 'Somebody stopped the town: nothing moves before it is let go on.', isBusy: false };
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

const ModelBanner = (props: { readonly trouble: ModelTrouble; readonly townId: string }) => (
  <Note tone="bad" alert>
    <strong>The model {props.trouble.model} cannot be used:</strong> <Brief text={props.trouble.reason} noSettings />{' '}
    <A class="to-settings" href={`/towns/${props.townId}/settings`}>
      Check Settings → Model
    </A>
  </Note>
);

/** One escalation, the title leading to what it is about; more of its kind are behind their count. */
const EscalationBanner = (props: { readonly group: EscalationGroup }) => {
  const [isOpen, setOpen] = createSignal(false);
  const Line = (of: { readonly bead: Bead }) => (
    <>
      <DrawerLink kind="bead" to={aboutOf(of.bead)}>
        {of.bead.title}
      </DrawerLink>
      <Show when={aboutOf(of.bead) !== of.bead.beadId}>
        {' '}
        <DrawerLink kind="bead" to={of.bead.beadId} class="aside" aria-label={`Details of: ${of.bead.title}`}>
          Details
        </DrawerLink>
      </Show>
    </>
  );
  return (
    <Note tone="warn">
      <strong>Needs you:</strong> <Line bead={props.group.first} />
      <Show when={props.group.others.length > 0}>
        {' '}
        <button type="button" class="link" aria-expanded={isOpen() ? 'true' : 'false'} onClick={() => setOpen((now) => !now)}>
          {isOpen() ? 'Show one' : `and ${props.group.others.length} more like it`}
        </button>
        <Show when={isOpen()}>
          <ul class="like-it">
            <For each={props.group.others}>
              {(bead) => (
                <li>
                  <Line bead={bead} />
                </li>
              )}
            </For>
          </ul>
        </Show>
      </Show>
    </Note>
  );
};

const shownGroups = 3;

export const TownBanners = (props: { readonly snapshot: Snapshot }) => {
  const { townId } = useTown();
  // The same read as the conversation's.
  const messages = useRead('mayorMessages', () => ({ params: { townId }, query: { limit: 100 } }));
  const trouble = createMemo(() => modelTrouble(props.snapshot, (messages.data()?.items ?? []).toReversed()));
  const groups = createMemo(() => escalationGroups(props.snapshot.escalations));
  return (
    <div class="banners">
      <Show when={props.snapshot.town.stopped}>{(stop) => <StoppedBanner stop={stop()} townId={townId} />}</Show>
      <Show when={trouble()}>{(known) => <ModelBanner trouble={known()} townId={townId} />}</Show>
      <Show when={props.snapshot.runtime?.state !== 'live' && props.snapshot.runtime?.lastError}>
        {(message) => (
          <Note tone="bad" alert>
            <strong>The town could not wake up.</strong> It tries again by itself. <Brief text={message()} />
          </Note>
        )}
      </Show>
      <Keyed each={groups().slice(0, shownGroups)} by={(group) => group.first.beadId}>
        {(group) => <EscalationBanner group={group()} />}
      </Keyed>
      <Show when={groups().length > shownGroups}>
        <p class="muted small">and {count(groups().length - shownGroups, 'other thing')} that need you</p>
      </Show>
      <Show when={props.snapshot.rigs.length === 0}>
        <Note tone="busy">
          <strong>Connect a repository</strong> so that there is something to work on.{' '}
          <A href={`/towns/${townId}/repositories?connect=1`}>Connect one now</A>
        </Note>
      </Show>
    </div>
  );
};
