// A town that a person has stopped: since when, what still runs, and the way on.
import { useQueryClient } from '@tanstack/solid-query';
import { Show } from 'solid-js';
import type { TownStop } from '../../../functions/contracts/stop.schema.ts';
import { createAct } from '../api/act.ts';
import { call } from '../api/client.ts';
import { ErrorNote, Note } from '../parts/pieces.tsx';
import { Time } from '../parts/time.tsx';
import { toast } from '../shell/toasts.tsx';
import { count } from '../words/status.ts';

export const StoppedBanner = (props: { readonly stop: TownStop; readonly townId: string }) => {
  const client = useQueryClient();
  const resume = createAct(async () => {
    await call('resumeTown', { params: { townId: props.townId }, body: {} });
    await Promise.all(['snapshot', 'getTown', 'beadExplain'].map((routeId) => client.invalidateQueries({ queryKey: [routeId] })));
    toast('The town goes on');
  });
  const isQuiet = () => props.stop.verifiedAt !== undefined;
  const sentence = (): string => {
    if (isQuiet()) return 'Nothing of it runs, and nothing moves before you let it go on.';
    const running = props.stop.stillRuns.length;
    const what = running === 0 ? 'It is looked at whether all has ended' : `${count(running, 'thing')} of it may still run`;
    return `${what}; it can go on afterwards.`;
  };
  return (
    <Note tone="bad" alert>
      <strong>The town was stopped</strong> <Time at={props.stop.at} />
      <Show when={props.stop.reason}>{(reason) => <>: {reason()}</>}</Show>. {sentence()}{' '}
      <button type="button" class="link" disabled={resume.isRunning() || !isQuiet()} onClick={() => void resume.run()}>
        Let it go on
      </button>
      <ErrorNote error={resume.error()} />
    </Note>
  );
};
