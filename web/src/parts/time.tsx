// A moment, relative and ticking; one timer serves all of them.
import { createMemo, createSignal } from 'solid-js';
import { ago, exactly } from '../words/time.ts';

const [nowMs, setNowMs] = createSignal(Date.now());
setInterval(() => setNowMs(Date.now()), 5000);

export const Time = (props: { readonly at: string | number; readonly class?: string }) => {
  const atMs = createMemo(() => new Date(props.at).getTime());
  return (
    <time class={props.class} dateTime={new Date(atMs()).toISOString()} title={exactly(atMs())}>
      {ago(atMs(), Math.max(nowMs(), Date.now()))}
    </time>
  );
};
