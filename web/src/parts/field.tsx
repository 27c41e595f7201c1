// A labelled form control with its hint and what is wrong with it.
import { Show, createUniqueId } from 'solid-js';
import type { JSX } from 'solid-js';

export interface Wiring {
  readonly id: string;
  readonly 'aria-invalid': 'true' | undefined;
  readonly 'aria-describedby': string | undefined;
}
interface FieldProps {
  readonly label: string;
  readonly hint?: string;
  readonly wrong?: string | undefined;
  readonly class?: string;
  readonly hideLabel?: boolean;
  /** Spread onto the control. */
  readonly children: (wiring: Wiring) => JSX.Element;
}

export const Field = (props: FieldProps) => {
  const id = createUniqueId();
  const wiring: Wiring = {
    id,
    get 'aria-invalid'() {
      return props.wrong === undefined ? undefined : 'true';
    },
    get 'aria-describedby'() {
      return props.wrong !== undefined ? `${id}-wrong` : props.hint !== undefined ? `${id}-hint` : undefined;
    },
  };
  return (
    <div class={`field ${props.class ?? ''}`}>
      <label for={id} classList={{ 'hidden-visually': props.hideLabel === true }}>
        {props.label}
      </label>
      {props.children(wiring)}
      <Show
        when={props.wrong}
        fallback={
          <Show when={props.hint}>
            <span class="hint" id={`${id}-hint`}>
              {props.hint}
            </span>
          </Show>
        }
      >
        <span class="wrong" id={`${id}-wrong`} role="alert">
          {props.wrong}
        </span>
      </Show>
    </div>
  );
};

/** The focus goes to the first field of the form that something is wrong with. */
export const focusFirstWrong = (form: HTMLElement): void => form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
