// The board: every bead by status, live. Nothing is dragged: statuses are moved by work, not by hand.
import { A, useSearchParams } from '@solidjs/router';
import { Show, createMemo, createSignal } from 'solid-js';
import type { Bead } from '../../../functions/contracts/bead.schema.ts';
import { useRead } from '../api/read.ts';
import { moveFocus } from '../board/arrow-keys.ts';
import { BeadCard } from '../board/bead-card.tsx';
import { useBoard } from '../board/board-data.ts';
import { rigChoices, statusChoices } from '../board/choices.ts';
import { NewBeadDialog } from '../board/new-bead-dialog.tsx';
import { useTown } from '../live/town-live.tsx';
import { Icon } from '../parts/icon.tsx';
import { Keyed } from '../parts/keyed.tsx';
import { Bones, Dot, ErrorNote } from '../parts/pieces.tsx';
import { Select } from '../parts/select.tsx';
import { statusTone, statusWord, statuses } from '../words/status.ts';

const emptyWords = {
  open: 'Nothing waits. Ask the Mayor, or create a bead.',
  in_progress: 'No agent works right now.',
  in_review: 'Nothing is being checked.',
  closed: 'Finished work lands here.',
  failed: 'Nothing was given up.',
} as const;

export const BoardPage = () => {
  const { townId } = useTown();
  const [search, setSearch] = useSearchParams<{ rig?: string; status?: string }>();
  const rigId = () => (typeof search.rig === 'string' && search.rig !== '' ? search.rig : undefined);
  /** One column alone; an unknown status in the address counts as none. */
  const only = () => statuses.find((status) => status === search.status);
  const show = (status: string): void => setSearch({ status }, { replace: true, scroll: false });
  let statusInput: HTMLSelectElement | undefined;
  const [words, setWords] = createSignal('');
  const [isCreating, setCreating] = createSignal(false);
  const board = useBoard(townId, rigId);
  const snapshot = useRead('snapshot', () => ({ params: { townId } }));
  const rigs = () => snapshot.data()?.rigs ?? [];
  const agents = createMemo(() => new Map((snapshot.data()?.agents ?? []).map(({ agent }) => [agent.agentId, agent])));
  const agentOf = (bead: Bead) =>
    bead.assigneeAgentId === undefined || bead.status === 'closed' ? undefined : agents().get(bead.assigneeAgentId);
  const fits = (bead: Bead): boolean =>
    `${bead.beadId} ${bead.title} ${bead.labels.join(' ')}`.toLowerCase().includes(words().trim().toLowerCase());
  /** Where each bead was seen last, so that a card that arrives in another column can show it. */
  const lastSeen = new Map<string, string>();
  const hasMoved = (bead: Bead): boolean => {
    const before = lastSeen.get(bead.beadId);
    lastSeen.set(bead.beadId, bead.status);
    return before !== undefined && before !== bead.status;
  };
  return (
    <div class="page">
      <div class="page-head">
        <div class="titles">
          <h1>Board</h1>
        </div>
        <div class="filters">
          <input
            class="input compact"
            type="search"
            aria-label="Filter beads"
            placeholder="Filter"
            value={words()}
            onInput={(event) => setWords(event.currentTarget.value)}
          />
          <Select
            class="compact"
            aria-label="Repository"
            choices={[{ value: '', label: 'All repositories' }, ...rigChoices(rigs())]}
            value={rigId() ?? ''}
            onChoose={(rig) => setSearch({ rig }, { replace: true, scroll: false })}
          />
          <Select
            class="compact"
            ref={(element) => {
              statusInput = element;
            }}
            aria-label="Status"
            choices={statusChoices}
            value={only() ?? ''}
            onChoose={show}
          />
          <Show when={only()}>
            <button
              type="button"
              class="button quiet"
              onClick={() => {
                show('');
                statusInput?.focus();
              }}
            >
              <Icon name="close" />
              Show all statuses
            </button>
          </Show>
        </div>
        <Show
          when={rigs().length > 0}
          fallback={
            <Show when={snapshot.data()}>
              <A class="button primary" href={`/towns/${townId}/repositories?connect=1`}>
                Connect a repository
              </A>
            </Show>
          }
        >
          <button type="button" class="button primary" onClick={() => setCreating(true)}>
            <Icon name="plus" />
            New bead
          </button>
        </Show>
      </div>
      <ErrorNote error={board.columns.error()} onRetry={board.columns.refetch} />
      <Show
        when={board.columns.data()}
        fallback={
          <Show when={board.columns.isLoading()}>
            <Bones lines={5} />
          </Show>
        }
      >
        {(columns) => (
          <div
            class="board"
            classList={{ single: only() !== undefined }}
            data-testid="board"
            role="group"
            aria-label="Beads by status. Arrow keys move between beads."
            onKeyDown={moveFocus}
          >
            <Keyed each={columns().filter(({ status }) => (only() ?? status) === status)} by={(column) => column.status}>
              {(column) => {
                const beads = createMemo(() => column().beads.filter(fits));
                return (
                  <section
                    class="column"
                    aria-label={statusWord[column().status]}
                    data-column={column().status}
                    data-testid={`column-${column().status}`}
                  >
                    <header class="column-head">
                      <Dot tone={statusTone[column().status]} />
                      <h2>{statusWord[column().status]}</h2>
                      <span class="count">
                        {beads().length}
                        {column().hasMore ? '+' : ''}
                      </span>
                    </header>
                    <ul class="column-list">
                      <Keyed
                        each={beads()}
                        by={(bead) => bead.beadId}
                        fallback={<li class="column-empty">{words() === '' ? emptyWords[column().status] : 'Nothing fits the filter.'}</li>}
                      >
                        {(bead) => {
                          const moved = hasMoved(bead());
                          return (
                            <li>
                              <BeadCard bead={bead()} agent={agentOf(bead())} hasMoved={moved} />
                            </li>
                          );
                        }}
                      </Keyed>
                    </ul>
                    <Show when={column().hasMore}>
                      <button type="button" class="button quiet" onClick={() => board.showMore(column().status)}>
                        Show more
                      </button>
                    </Show>
                  </section>
                );
              }}
            </Keyed>
          </div>
        )}
      </Show>
      <Show when={isCreating()}>
        <NewBeadDialog townId={townId} rigs={rigs()} onClose={() => setCreating(false)} />
      </Show>
    </div>
  );
};
