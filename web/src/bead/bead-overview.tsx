// First tab of the bead drawer: what is wrong, what is happening, what is wanted, the facts, the neighbours.
import { For, Show, createSignal } from 'solid-js';
import type { RouteResponse } from '../../../functions/contracts/routes.ts';
import { call } from '../api/client.ts';
import { useRead } from '../api/read.ts';
import { DrawerLink } from '../drawers/drawer-link.tsx';
import { useTown } from '../live/town-live.tsx';
import { Brief } from '../parts/brief.tsx';
import { Markdown } from '../parts/markdown.tsx';
import { ErrorNote, Note } from '../parts/pieces.tsx';
import { useTitles } from '../parts/titles.ts';
import type { TitleOf } from '../parts/titles.ts';
import { asOneSentence } from '../words/explain.ts';
import { BeadFacts } from './bead-facts.tsx';
import { BeadLine } from './bead-line.tsx';
import { ConvoyMembers } from './convoy-members.tsx';
import { MoleculeSteps } from './molecule-steps.tsx';
import { MergeSections } from './merge-sections.tsx';

type View = RouteResponse<'getBead'>;

const Explanation = (props: { readonly view: View }) => {
  const { townId } = useTown();
  const explain = useRead('beadExplain', () => ({ params: { townId, beadId: props.view.bead.beadId } }));
  const titleOf = useTitles();
  /** Beads that a reason is about are links in its sentence, whether their titles are at hand or not. */
  const knownOf =
    (reasons: readonly { readonly beadId?: string | undefined }[]): TitleOf =>
    (beadId) =>
      titleOf(beadId) ?? (reasons.some((reason) => reason.beadId === beadId) ? beadId : undefined);
  const question = () =>
    props.view.bead.status === 'open' && props.view.bead.type !== 'convoy' ? 'Why is nothing happening?' : 'What is happening?';
  return (
    <Show when={explain.data()}>
      {(answer) => (
        <section class="section" data-testid="explain">
          <h3>{question()}</h3>
          <Note tone={props.view.bead.held || props.view.bead.openBlockers > 0 ? 'warn' : 'plain'}>
            <Brief text={asOneSentence(answer().sentence)} titleOf={knownOf(answer().reasons)} />
            <For each={answer().reasons.filter((reason) => reason.message !== answer().sentence)}>
              {(reason) => (
                <p class="tiny">
                  <Brief text={asOneSentence(reason.message)} titleOf={knownOf(answer().reasons)} />
                  <Show when={reason.message.includes(reason.beadId ?? '') ? undefined : reason.beadId}>
                    {(beadId) => (
                      <>
                        {' '}
                        <DrawerLink kind="bead" to={beadId()} class="id">
                          {beadId()}
                        </DrawerLink>
                      </>
                    )}
                  </Show>
                </p>
              )}
            </For>
          </Note>
        </section>
      )}
    </Show>
  );
};

const Neighbours = (props: { readonly view: View }) => {
  const members = () => (props.view.bead.details.type === 'convoy' ? new Set(props.view.bead.details.memberIds) : new Set<string>());
  const groups = () =>
    [
      {
        name: 'Waits for',
        items: props.view.dependsOn
          .filter((edge) => !members().has(edge.dependsOnId))
          .map((edge) => ({ id: edge.dependsOnId, type: edge.type })),
      },
      {
        name: 'Others that wait for it',
        items: props.view.dependents.filter((edge) => edge.type !== 'tracks').map((edge) => ({ id: edge.beadId, type: edge.type })),
      },
    ].filter((group) => group.items.length > 0);
  return (
    <For each={groups()}>
      {(group) => (
        <section class="section" data-testid="dependencies">
          <h3>{group.name}</h3>
          <ul class="list panel" style={{ 'box-shadow': 'none' }}>
            <For each={group.items}>
              {(item) => (
                <li>
                  <BeadLine beadId={item.id} note={item.type === 'blocks' ? undefined : item.type} />
                </li>
              )}
            </For>
          </ul>
        </section>
      )}
    </For>
  );
};

const Text = (props: { readonly title: string; readonly text: string | undefined }) => (
  <Show when={props.text}>
    {(text) => (
      <section class="section">
        <h3>{props.title}</h3>
        <Markdown text={text()} />
      </section>
    )}
  </Show>
);

/** A long body shows its beginning until somebody asks for all of it. */
const BodyText = (props: { readonly bead: View['bead'] }) => {
  const [whole, setWhole] = createSignal<{ readonly fileId: string; readonly text: string }>();
  const [error, setError] = createSignal<unknown>();
  const shown = () => (whole()?.fileId === props.bead.bodyFile?.fileId ? whole()?.text : undefined) ?? props.bead.body;
  const read = (fileId: string): void => {
    setError(undefined);
    const { townId, beadId } = props.bead;
    call('beadBody', { params: { townId, beadId } }).then((text) => setWhole({ fileId, text }), setError);
  };
  return (
    <>
      <Text title={textTitle(props.bead)} text={shown()} />
      <Show when={whole()?.fileId === props.bead.bodyFile?.fileId ? undefined : props.bead.bodyFile}>
        {(file) => (
          <section class="section">
            <button type="button" class="link" onClick={() => read(file().fileId)}>
              Show all {Math.ceil(file().bytes / 1024)} KB
            </button>
            <ErrorNote error={error()} />
          </section>
        )}
      </Show>
    </>
  );
};

export const BeadOverview = (props: { readonly view: View }) => {
  const { townId } = useTown();
  const rig = useRead('getRig', () =>
    props.view.bead.rigId === undefined ? undefined : { params: { townId, rigId: props.view.bead.rigId } },
  );
  const bead = () => props.view.bead;
  const issue = () => (bead().details.type === 'issue' ? bead().details : undefined);
  const isMoving = () => bead().status !== 'closed' && bead().status !== 'failed' && explained.has(bead().type);
  return (
    <>
      <Show when={bead().failure}>
        {(failure) => (
          <div class="section" data-testid="failure">
            <Note tone="bad" alert>
              <strong>Given up: </strong>
              <Brief text={failure().message} />
              <div class="tiny mono">
                {failure().code}
                {failure().source === undefined ? '' : ` · ${failure().source}`}
              </div>
            </Note>
          </div>
        )}
      </Show>
      <Show when={isMoving()}>
        <Explanation view={props.view} />
      </Show>
      <Show when={bead().type === 'convoy'}>
        <ConvoyMembers convoyId={bead().beadId} />
      </Show>
      <Show when={moleculeOf(bead())}>
        <MoleculeSteps beadId={bead().beadId} />
      </Show>
      <BodyText bead={bead()} />
      <Text title="What the worker is told" text={issueText(issue(), 'brief')} />
      <Text title="Handed in with" text={issueText(issue(), 'doneSummary')} />
      <Show when={mergeOf(bead())}>{(merge) => <MergeSections merge={merge()} request={bead()} />}</Show>
      <Neighbours view={props.view} />
      <section class="section">
        <h3>Facts</h3>
        <BeadFacts bead={bead()} rigName={rig.data()?.name} />
      </section>
    </>
  );
};

/** What the text of a bead is depends on who wrote it: a person or the Mayor, a worker at the end, or who asks for a person. */
const textTitle = ({ type }: View['bead']): string =>
  type === 'merge_request' ? 'What was done' : type === 'escalation' ? 'What happened' : 'What is wanted';
const issueText = (details: View['bead']['details'] | undefined, field: 'brief' | 'doneSummary'): string | undefined =>
  details?.type === 'issue' ? details[field] : undefined;
const explained: ReadonlySet<View['bead']['type']> = new Set(['issue', 'merge_request', 'convoy']);
const moleculeOf = (bead: View['bead']): string | undefined => (bead.details.type === 'issue' ? bead.details.moleculeId : undefined);
const mergeOf = (bead: View['bead']) => (bead.details.type === 'merge_request' ? bead.details : undefined);
