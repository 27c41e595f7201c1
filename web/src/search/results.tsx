// What a search found: results, who touched a path last, notes on files. Each opens the bead or agent behind it.
import { Show } from 'solid-js';
import type { JSX } from 'solid-js';
import type { RouteResponse } from '../../../functions/contracts/routes.ts';
import type { HistoryKind } from '../../../functions/contracts/search.schema.ts';
import { DrawerLink } from '../drawers/drawer-link.tsx';
import { Icon } from '../parts/icon.tsx';
import type { IconName } from '../parts/icon.tsx';
import { Pill } from '../parts/pieces.tsx';
import { Time } from '../parts/time.tsx';
import { actorWord, agentWord, statusTone, statusWord } from '../words/status.ts';

type Answer = RouteResponse<'searchTown'>;
export type Result = Answer['results'][number];
export type Touched = Answer['touched'][number];
export type LeftNote = Answer['notes'][number];

export const kindWords: Readonly<Record<HistoryKind, { readonly name: string; readonly icon: IconName }>> = {
  bead: { name: 'Beads', icon: 'board' },
  commit: { name: 'Done work', icon: 'commit' },
  event: { name: 'Events', icon: 'info' },
  transcript: { name: 'Agents said', icon: 'chat' },
  note: { name: 'Notes', icon: 'note' },
};

const filesShown = 4;
const filesText = (files: readonly string[] = []): string =>
  `${files.slice(0, filesShown).join(', ')}${files.length > filesShown ? ` and ${files.length - filesShown} more` : ''}`;

const Line = (props: {
  readonly icon: IconName;
  readonly title: string;
  readonly says?: string | undefined;
  readonly small?: string | undefined;
  readonly at: string;
  readonly status?: Result['beadStatus'];
  readonly end?: JSX.Element;
}): JSX.Element => (
  <>
    <Icon name={props.icon} />
    <span class="agent-line">
      <strong class="small ellipsis">{props.title}</strong>
      <Show when={props.says}>
        <span class="found-text">{props.says}</span>
      </Show>
      <Show when={props.small}>
        <span class="id ellipsis">{props.small}</span>
      </Show>
    </span>
    <span class="row">
      <span class="muted tiny">
        <Time at={props.at} />
      </span>
      <Show when={props.status}>{(status) => <Pill tone={statusTone[status()]}>{statusWord[status()]}</Pill>}</Show>
      {props.end}
    </span>
  </>
);

const joined = (...parts: readonly (string | undefined)[]): string => parts.filter((part) => part !== undefined && part !== '').join(' · ');

export const ResultRow = (props: { readonly result: Result }) => {
  const line = () => (
    <Line
      icon={kindWords[props.result.kind].icon}
      title={props.result.title}
      says={props.result.excerpt ?? props.result.why}
      small={joined(
        props.result.beadId,
        props.result.beadTitle === props.result.title ? undefined : props.result.beadTitle,
        props.result.agentId === undefined ? undefined : agentWord(props.result.agentId),
        filesText(props.result.files),
      )}
      at={props.result.at}
      status={props.result.beadStatus}
    />
  );
  /** What an agent said is read with the agent; everything else with its bead. */
  const target = () =>
    props.result.kind === 'transcript' && props.result.agentId !== undefined
      ? { kind: 'agent' as const, to: props.result.agentId }
      : props.result.beadId !== undefined
        ? { kind: 'bead' as const, to: props.result.beadId }
        : undefined;
  return (
    <Show
      when={target()}
      fallback={
        <div class="list-row roomy" data-testid="search-result">
          {line()}
        </div>
      }
    >
      {(to) => (
        <DrawerLink {...to()} class="list-row roomy" data-testid="search-result">
          {line()}
        </DrawerLink>
      )}
    </Show>
  );
};

export const TouchedRow = (props: { readonly touched: Touched }) => (
  <DrawerLink kind="bead" to={props.touched.beadId} class="list-row roomy" data-testid="touched-row">
    <Line
      icon="commit"
      title={props.touched.beadTitle ?? props.touched.beadId}
      says={props.touched.why}
      small={joined(props.touched.agentId === undefined ? undefined : agentWord(props.touched.agentId), filesText(props.touched.files))}
      at={props.touched.at}
      status={props.touched.beadStatus}
    />
  </DrawerLink>
);

export const NoteRow = (props: { readonly note: LeftNote; readonly userId: string | undefined; readonly onRemove: () => void }) => (
  <div class="list-row roomy note-row" data-testid="note-row">
    <Line
      icon="note"
      title={props.note.text}
      small={joined(actorWord(props.note.by, props.userId), filesText(props.note.paths))}
      at={props.note.at}
      end={
        <button
          type="button"
          class="button quiet icon-only"
          aria-label="Remove this note"
          title="Remove this note"
          onClick={() => props.onRemove()}
        >
          <Icon name="trash" />
        </button>
      }
    />
  </div>
);
