// Small pieces: pills, avatars, notes, empty states, progress.
import { Match, Show, Switch } from 'solid-js';
import type { JSX, ParentProps } from 'solid-js';
import type { Agent } from '../../../functions/contracts/agent.schema.ts';
import type { Bead } from '../../../functions/contracts/bead.schema.ts';
import type { Priority } from '../../../functions/contracts/primitives.schema.ts';
import { sentenceOf } from '../api/errors.ts';
import { beadPill, isLive } from '../words/status.ts';
import type { Tone } from '../words/status.ts';
import { Brief } from './brief.tsx';
import { Icon } from './icon.tsx';
import type { IconName } from './icon.tsx';

export const Pill = (props: ParentProps<{ readonly tone?: Tone }>) => <span class={`pill ${props.tone ?? 'plain'}`}>{props.children}</span>;
export const BeadPill = (props: { readonly bead: Bead }) => <Pill tone={beadPill(props.bead).tone}>{beadPill(props.bead).word}</Pill>;
export const Dot = (props: { readonly tone: Tone; readonly live?: boolean }) => (
  <span class={`dot ${props.tone}`} classList={{ live: props.live === true }} aria-hidden="true" />
);

export const PriorityMark = (props: { readonly priority: Priority }) => (
  <Show when={props.priority !== 'medium'}>
    <span class={`priority ${props.priority}`} title={`${props.priority} priority`}>
      <Icon
        name={props.priority === 'critical' ? 'critical' : props.priority === 'high' ? 'high' : 'low'}
        label={`${props.priority} priority`}
      />
    </span>
  </Show>
);

/** Workers show two letters of their name; the Mayor and the Refinery their office. */
export const AgentAvatar = (props: { readonly agent: Agent; readonly large?: boolean }) => (
  <span class="avatar" classList={{ live: isLive(props.agent), large: props.large === true }} aria-hidden="true">
    <Switch fallback={props.agent.name.slice(0, 2).toUpperCase()}>
      <Match when={props.agent.role === 'mayor'}>
        <Icon name="town" />
      </Match>
      <Match when={props.agent.role === 'refinery'}>
        <Icon name="merge" />
      </Match>
    </Switch>
  </span>
);

const noteIcon: Readonly<Record<Tone, IconName>> = {
  plain: 'info',
  busy: 'info',
  review: 'info',
  ok: 'check',
  warn: 'alert',
  bad: 'alert',
};
export const Note = (props: ParentProps<{ readonly tone?: Tone; readonly alert?: boolean }>) => (
  <div class={`note ${props.tone ?? 'plain'}`} role={props.alert === true ? 'alert' : undefined}>
    <Icon name={noteIcon[props.tone ?? 'plain']} />
    <div class="grow">{props.children}</div>
  </div>
);
/** An error beside the control that was used; nothing while there is none. */
export const ErrorNote = (props: { readonly error: unknown; readonly onRetry?: () => void }) => (
  <Show when={props.error}>
    <Note tone="bad" alert>
      <Brief text={sentenceOf(props.error)} />
      <Show when={props.onRetry}>
        {(retry) => (
          <>
            {' '}
            <button type="button" class="link" onClick={() => retry()()}>
              Try again
            </button>
          </>
        )}
      </Show>
    </Note>
  </Show>
);
export const Empty = (props: ParentProps<{ readonly title: string }>) => (
  <div class="empty">
    <strong>{props.title}</strong>
    {props.children}
  </div>
);
export const Bones = (props: { readonly lines?: number }) => (
  <div class="bones" role="status" aria-label="Loading">
    {Array.from({ length: props.lines ?? 3 }, (_, at) => (
      <span style={{ width: `${90 - at * 17}%` }} />
    ))}
  </div>
);
export const Spinner = () => <span class="spinner" aria-hidden="true" />;

export const Progress = (props: { readonly total: number; readonly closed: number; readonly failed: number; readonly label: string }) => (
  <div
    class="progress"
    role="progressbar"
    aria-label={props.label}
    aria-valuemin={0}
    aria-valuemax={props.total}
    aria-valuenow={props.closed}
  >
    <span style={{ width: `${props.total === 0 ? 0 : (props.closed / props.total) * 100}%` }} />
    <span class="bad" style={{ width: `${props.total === 0 ? 0 : (props.failed / props.total) * 100}%` }} />
  </div>
);

/** A heading with the plain word beside the lore. */
export const Heading = (props: ParentProps<{ readonly plain?: string; readonly id?: string }>) => (
  <h2 id={props.id}>
    {props.children}
    <Show when={props.plain}>
      {' '}
      <span class="lore">{props.plain}</span>
    </Show>
  </h2>
);
export const Panel = (
  props: ParentProps<{
    readonly title: JSX.Element;
    readonly plain?: string;
    readonly end?: JSX.Element;
    readonly class?: string;
    readonly testid?: string;
    readonly label: string;
  }>,
) => (
  <section class={`panel ${props.class ?? ''}`} aria-label={props.label} data-testid={props.testid}>
    <header class="panel-head">
      <Heading {...(props.plain === undefined ? {} : { plain: props.plain })}>{props.title}</Heading>
      {props.end}
    </header>
    {props.children}
  </section>
);
