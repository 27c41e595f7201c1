// Search over the town's past: words find beads, results, events, notes and what agents said; a path finds who touched it last and why.
import { useSearchParams } from '@solidjs/router';
import { For, Show, createEffect, createSignal, on } from 'solid-js';
import type { RouteResponse } from '../../../functions/contracts/routes.ts';
import { historyKindSchema } from '../../../functions/contracts/search.schema.ts';
import { createAct } from '../api/act.ts';
import { call } from '../api/client.ts';
import { useRead } from '../api/read.ts';
import { session } from '../api/session.ts';
import { useTown } from '../live/town-live.tsx';
import { Icon } from '../parts/icon.tsx';
import { Bones, Empty, ErrorNote, Panel } from '../parts/pieces.tsx';
import { Select } from '../parts/select.tsx';
import { askedIn } from '../search/asked.ts';
import { NoteRow, ResultRow, TouchedRow, kindWords } from '../search/results.tsx';
import { count } from '../words/status.ts';

type Answer = RouteResponse<'searchTown'>;
const kinds = historyKindSchema.options;
const perPage = 30;
const day = (at: string): string => new Date(at).toLocaleDateString(undefined, { year: 'numeric', month: 'short', day: 'numeric' });

export const SearchPage = () => {
  const { townId } = useTown();
  const [search, setSearch] = useSearchParams<{ q?: string; kind?: string }>();
  const text = () => (typeof search.q === 'string' ? search.q : '');
  const kind = () => kinds.find((known) => known === search.kind);
  const [typed, setTyped] = createSignal(text());
  const asked = () => askedIn(text());
  /** Pages behind the first, in order. */
  const [further, setFurther] = createSignal<readonly Answer[]>([]);
  const [cursor, setCursor] = createSignal<string>();
  const input = (from: string | undefined) => {
    const words = asked();
    const only = kind();
    return words === undefined
      ? undefined
      : {
          params: { townId },
          query: {
            ...words,
            ...(only === undefined ? {} : { kind: only }),
            ...(from === undefined ? {} : { cursor: from }),
            limit: perPage,
          },
        };
  };
  const first = useRead('searchTown', () => input(undefined));
  const next = useRead('searchTown', () => (cursor() === undefined ? undefined : input(cursor())));
  createEffect(
    on([text, kind], () => {
      setTyped(text());
      setFurther([]);
      setCursor(undefined);
    }),
  );
  createEffect(() => {
    const page = next.data();
    if (page === undefined || cursor() === undefined) return;
    setFurther((pages) => [...pages, page]);
    setCursor(undefined);
  });
  const removal = createAct(async (noteId: string) => {
    await call('deleteNote', { params: { townId, noteId } });
    first.refetch();
  });
  const pages = () => [first.data(), ...further()].filter((page) => page !== undefined);
  const last = () => pages().at(-1);
  const results = () => pages().flatMap((page) => page.results);
  const found = () => results().length + (first.data()?.touched.length ?? 0) + (first.data()?.notes.length ?? 0);
  let field: HTMLInputElement | undefined;
  return (
    <div class="page narrow">
      <div class="page-head">
        <div class="titles">
          <h1>Search</h1>
          <p class="sub">Everything that was asked, done, said and noted in this town.</p>
        </div>
      </div>
      <form
        class="search-bar"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          setSearch({ q: typed().trim() }, { scroll: false });
        }}
      >
        <input
          ref={(element) => {
            field = element;
            queueMicrotask(() => text() === '' && field?.focus());
          }}
          class="input grow"
          type="search"
          aria-label="Search this town"
          placeholder="Words, or a path such as src/billing"
          maxLength={200}
          value={typed()}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <Select
          class="compact"
          aria-label="Kind"
          choices={[{ value: '', label: 'Everything' }, ...kinds.map((value) => ({ value, label: kindWords[value].name }))]}
          value={kind() ?? ''}
          onChoose={(chosen) => setSearch({ kind: chosen }, { replace: true, scroll: false })}
        />
        <button type="submit" class="button primary">
          <Icon name="search" />
          Search
        </button>
      </form>
      <ErrorNote error={first.error() ?? next.error() ?? removal.error()} onRetry={first.refetch} />
      <Show
        when={asked()}
        fallback={
          <Empty title="What are you looking for?">
            Words find work by what was asked and what was done. A path, such as src/billing, tells who touched it last, and why.
          </Empty>
        }
      >
        <Show when={first.data()} fallback={<Show when={first.isLoading()}>{<Bones />}</Show>}>
          {(answer) => (
            <>
              <Show when={answer().notes.length > 0}>
                <Panel title="Notes on these files" label="Notes on these files">
                  <ul class="list">
                    <For each={answer().notes}>
                      {(note) => (
                        <li>
                          <NoteRow
                            note={note}
                            userId={session()?.userId}
                            onRemove={() => {
                              void removal.run(note.noteId);
                            }}
                          />
                        </li>
                      )}
                    </For>
                  </ul>
                </Panel>
              </Show>
              <Show when={answer().touched.length > 0}>
                <Panel title="Last touched" plain="newest first" label="Last touched">
                  <ul class="list">
                    <For each={answer().touched}>
                      {(touched) => (
                        <li>
                          <TouchedRow touched={touched} />
                        </li>
                      )}
                    </For>
                  </ul>
                </Panel>
              </Show>
              <Show when={results().length > 0}>
                <Panel title={count(results().length, 'result')} plain="best first" label="Results">
                  <ul class="list">
                    <For each={results()}>
                      {(result) => (
                        <li>
                          <ResultRow result={result} />
                        </li>
                      )}
                    </For>
                  </ul>
                </Panel>
              </Show>
              <Show when={found() === 0 && last()?.complete === true}>
                <Empty title="Nothing was found">Try fewer or other words. What an agent said is found as long as it is kept.</Empty>
              </Show>
              <Show when={last()?.complete === false && last()}>
                {(page) => (
                  <div class="search-further" role="status">
                    <span class="muted small">
                      <Show when={page().searchedTo} fallback="There is more to look through.">
                        {(at) => <>Searched back to {day(at())}.</>}
                      </Show>
                    </span>
                    <button type="button" class="button" disabled={cursor() !== undefined} onClick={() => setCursor(page().cursor)}>
                      Search further
                    </button>
                  </div>
                )}
              </Show>
            </>
          )}
        </Show>
      </Show>
    </div>
  );
};
