// A list whose rows keep their DOM (and focus) while their values change.
import { For, createMemo } from 'solid-js';
import type { Accessor, JSX } from 'solid-js';

interface KeyedProps<T> {
  readonly each: readonly T[] | undefined;
  readonly by: (item: T) => string;
  readonly fallback?: JSX.Element;
  readonly children: (item: Accessor<T>, key: string) => JSX.Element;
}

export const Keyed = <T,>(props: KeyedProps<T>) => {
  const byKey = createMemo(() => new Map((props.each ?? []).map((item) => [props.by(item), item])));
  const keys = createMemo(() => [...byKey().keys()]);
  return (
    <For each={keys()} fallback={props.fallback}>
      {(key) => {
        const first = byKey().get(key);
        if (first === undefined) return undefined;
        // While a row is being removed its last value is shown.
        const item = createMemo<T>((last) => byKey().get(key) ?? last, first);
        return props.children(item, key);
      }}
    </For>
  );
};
