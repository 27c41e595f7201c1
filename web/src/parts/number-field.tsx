// A whole number within bounds. What is typed stays as it is; what is wrong with it is said when the field is left.
import { createEffect, createSignal } from 'solid-js';
import { Field } from './field.tsx';

interface Props {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  /** Not a number while the field is empty or holds something else. */
  readonly value: number;
  readonly onInput: (value: number) => void;
  /** What the server said of it. */
  readonly refused?: string | undefined;
  /** Saving was tried: what is wrong is said before the field is left, too. */
  readonly isTold?: boolean;
}

/** What is wrong with the value, if anything. */
export const wholeNumberError = (value: number, { min, max }: { readonly min: number; readonly max: number }): string | undefined =>
  Number.isInteger(value) && value >= min && value <= max ? undefined : `Give a whole number from ${min} to ${max}.`;

export const NumberField = (props: Props) => {
  const [isLeft, setLeft] = createSignal(false);
  let input: HTMLInputElement | undefined;
  createEffect(() => {
    const { value } = props;
    // While somebody types, the text is theirs.
    if (input === undefined || input === document.activeElement || input.valueAsNumber === value) return;
    input.value = Number.isNaN(value) ? '' : String(value);
    setLeft(false);
  });
  return (
    <Field
      label={props.label}
      wrong={(isLeft() || props.isTold === true ? wholeNumberError(props.value, props) : undefined) ?? props.refused}
    >
      {(wiring) => (
        <input
          {...wiring}
          class="input"
          type="number"
          inputmode="numeric"
          required
          min={props.min}
          max={props.max}
          step={1}
          ref={(element) => {
            input = element;
          }}
          onInput={(event) => props.onInput(event.currentTarget.valueAsNumber)}
          onBlur={() => setLeft(true)}
        />
      )}
    </Field>
  );
};
