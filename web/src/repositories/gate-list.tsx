// Edits a list of gates: commands that must pass before work is merged.
import { Index, Show } from 'solid-js';
import type { Gate } from '../../../functions/contracts/gate.schema.ts';
import { Field } from '../parts/field.tsx';
import { Icon } from '../parts/icon.tsx';
import { NumberField } from '../parts/number-field.tsx';
import { Select } from '../parts/select.tsx';

const phases = { both: 'Both', polecat: 'Worker only', merge: 'Merge only' } as const;
const phaseChoices = Object.entries(phases).map(([value, label]) => ({ value, label }));
const isPhase = (text: string): text is Gate['phase'] => text in phases;
const mostGates = 10;

interface Props {
  readonly gates: readonly Gate[];
  readonly onChange: (gates: readonly Gate[]) => void;
  /** Messages by `gates.<n>.<field>`. */
  readonly errors: ReadonlyMap<string, string>;
}

export const GateList = (props: Props) => {
  const change = (at: number, part: Partial<Gate>): void =>
    props.onChange(props.gates.map((gate, index) => (index === at ? { ...gate, ...part } : gate)));
  const wrong = (at: number, field: string): string | undefined => props.errors.get(`gates.${at}.${field}`);
  return (
    <div class="stack">
      <Show when={props.gates.length === 0}>
        <p class="soft small">
          No gates yet: work is reviewed by the Refinery, and nothing is run. Add the command of your tests, for example{' '}
          <code>npm test</code>.
        </p>
      </Show>
      <Index each={props.gates}>
        {(gate, at) => (
          <div class="gate-edit" role="group" aria-label={`Gate ${at + 1}`}>
            <Field label="Name" wrong={wrong(at, 'name')}>
              {(wiring) => (
                <input
                  {...wiring}
                  class="input"
                  required
                  maxLength={60}
                  autocomplete="off"
                  value={gate().name}
                  onInput={(event) => change(at, { name: event.currentTarget.value })}
                />
              )}
            </Field>
            <Field class="wide" label="Command" wrong={wrong(at, 'command')}>
              {(wiring) => (
                <input
                  {...wiring}
                  class="input mono"
                  required
                  maxLength={2000}
                  autocomplete="off"
                  spellcheck={false}
                  value={gate().command}
                  onInput={(event) => change(at, { command: event.currentTarget.value })}
                />
              )}
            </Field>
            <NumberField
              label="Seconds"
              min={1}
              max={3600}
              value={gate().timeoutSeconds}
              onInput={(timeoutSeconds) => change(at, { timeoutSeconds })}
              refused={wrong(at, 'timeoutSeconds')}
            />
            <Field label="Run by" wrong={wrong(at, 'phase')}>
              {(wiring) => (
                <Select
                  {...wiring}
                  choices={phaseChoices}
                  value={gate().phase}
                  onChoose={(phase) => {
                    if (isPhase(phase)) change(at, { phase });
                  }}
                />
              )}
            </Field>
            <button
              type="button"
              class="button quiet icon-only"
              aria-label={`Remove gate ${gate().name || at + 1}`}
              onClick={() => props.onChange(props.gates.filter((_gate, index) => index !== at))}
            >
              <Icon name="trash" />
            </button>
          </div>
        )}
      </Index>
      <div>
        <button
          type="button"
          class="button"
          disabled={props.gates.length >= mostGates}
          onClick={() =>
            props.onChange([
              ...props.gates,
              { name: props.gates.length === 0 ? 'tests' : '', command: '', timeoutSeconds: 600, phase: 'both' },
            ])
          }
        >
          <Icon name="plus" />
          Add a gate
        </button>
      </div>
    </div>
  );
};
