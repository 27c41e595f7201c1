// The steps that the agent of a bead works through, and the word that a step waits for.
import { useQueryClient } from '@tanstack/solid-query';
import { For, Show } from 'solid-js';
import type { RouteResponse } from '../../../functions/contracts/routes.ts';
import { createAct } from '../api/act.ts';
import { call } from '../api/client.ts';
import { useRead } from '../api/read.ts';
import { useTown } from '../live/town-live.tsx';
import { Dot, ErrorNote, Pill } from '../parts/pieces.tsx';
import type { Tone } from '../words/status.ts';

type View = RouteResponse<'getMolecule'>;
type Details = Extract<View['molecule']['details'], { type: 'molecule' }>;
type Step = Details['steps'][number];

const stateWord: Readonly<Record<Step['state'], string>> = { open: 'Open', done: 'Done', skipped: 'Skipped', failed: 'Failed' };
const stateTone: Readonly<Record<Step['state'], Tone>> = { open: 'plain', done: 'ok', skipped: 'plain', failed: 'bad' };

const StepLine = (props: { readonly step: Step; readonly view: View }) => {
  const client = useQueryClient();
  const isNext = () => props.view.current?.stepId === props.step.stepId;
  const waiting = () => props.view.waiting.find(({ stepId }) => stepId === props.step.stepId);
  const open = createAct(async () => {
    const { townId, beadId } = props.view.bead;
    await call('openMoleculeGate', { params: { townId, beadId }, body: { stepId: props.step.stepId } });
    await Promise.all(['getMolecule', 'getBead', 'beadExplain'].map((routeId) => client.invalidateQueries({ queryKey: [routeId] })));
  });
  return (
    <li class="list-row member-row">
      <Dot tone={isNext() ? 'busy' : stateTone[props.step.state]} live={isNext()} />
      <span class="ellipsis small">{props.step.title}</span>
      <Pill tone={isNext() ? 'busy' : waiting() === undefined ? stateTone[props.step.state] : 'warn'}>
        {isNext() ? 'Next' : waiting() === undefined ? stateWord[props.step.state] : 'Waits'}
      </Pill>
      <Show when={waiting()}>
        {(gate) => (
          <span class="after muted tiny">
            {gate().sentence}{' '}
            <Show when={props.step.gate?.type === 'human'}>
              <button type="button" class="link" disabled={open.isRunning()} onClick={() => void open.run()}>
                Give the word
              </button>
            </Show>
            <ErrorNote error={open.error()} />
          </span>
        )}
      </Show>
    </li>
  );
};

export const MoleculeSteps = (props: { readonly beadId: string }) => {
  const { townId } = useTown();
  const read = useRead('getMolecule', () => ({ params: { townId, beadId: props.beadId } }));
  const details = (view: View): Details | undefined => (view.molecule.details.type === 'molecule' ? view.molecule.details : undefined);
  return (
    <section class="section" data-testid="steps">
      <ErrorNote error={read.error()} onRetry={read.refetch} />
      <Show when={read.data()}>
        {(view) => (
          <>
            <h3>
              Steps of {details(view())?.formula} · {view().over} of {view().total} over
            </h3>
            <ul class="list panel" style={{ 'box-shadow': 'none' }}>
              <For each={details(view())?.steps}>{(step) => <StepLine step={step} view={view()} />}</For>
            </ul>
          </>
        )}
      </Show>
    </section>
  );
};
