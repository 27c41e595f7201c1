// The one way to choose from a list. It shows the value also when the options come or change after it.
import { For, createEffect, splitProps } from 'solid-js';
import type { JSX } from 'solid-js';

export interface Choice {
  readonly value: string;
  readonly label: string;
}
type Props = Omit<JSX.SelectHTMLAttributes<HTMLSelectElement>, 'value' | 'onChange' | 'ref' | 'children'> & {
  readonly choices: readonly Choice[];
  readonly value: string;
  readonly onChoose: (value: string) => void;
  readonly ref?: (element: HTMLSelectElement) => void;
};

export const Select = (props: Props) => {
  const [own, rest] = splitProps(props, ['choices', 'value', 'onChoose', 'ref', 'class']);
  let element: HTMLSelectElement | undefined;
  createEffect(() => {
    // A value that is set before its option is there is lost, so it is set after the options.
    const { choices, value } = own;
    if (element !== undefined && choices.length > 0) element.value = value;
  });
  return (
    <select
      {...rest}
      class={`input ${own.class ?? ''}`}
      ref={(made) => {
        element = made;
        own.ref?.(made);
      }}
      onChange={(event) => own.onChoose(event.currentTarget.value)}
    >
      <For each={own.choices}>{(choice) => <option value={choice.value}>{choice.label}</option>}</For>
    </select>
  );
};
