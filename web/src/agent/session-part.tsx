// One part of a session: text, thinking, a tool with what went in and came out, or the prompt.
import { Match, Show, Switch, createSignal } from 'solid-js';
import type { SessionPart, WholePart } from '../../../functions/contracts/runner.schema.ts';
import { Icon } from '../parts/icon.tsx';
import { Markdown } from '../parts/markdown.tsx';
import { ErrorNote, Pill, Spinner } from '../parts/pieces.tsx';
import { Time } from '../parts/time.tsx';

/** A path in an agent's workspace without the way there, which is long and always the same. */
const shortPath = (text: string): string => text.replace(/^\/(?:[^\s/]+\/)+work\/[^\s/]+\//, '');

/** The one fact of a tool's input that says most. */
const gist = (input: string): string => {
  try {
    const value: unknown = JSON.parse(input);
    if (typeof value !== 'object' || value === null) return input;
    const facts = Object.entries(value);
    const telling = ['description', 'command', 'filePath', 'path', 'pattern', 'title', 'bead_id', 'summary']
      .map((name) => facts.find(([key]) => key === name)?.[1])
      .find((fact) => typeof fact === 'string');
    return typeof telling === 'string'
      ? shortPath(telling)
      : facts
          .map(([, fact]) => (typeof fact === 'string' ? fact : ''))
          .filter((fact) => fact !== '')
          .join(' ');
  } catch {
    // Not JSON: shown as it is.
    return input;
  }
};
const pretty = (text: string): string => {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // Not JSON: shown as it is.
    return text;
  }
};

const ToolCard = (props: { readonly tool: NonNullable<SessionPart['tool']>; readonly atMs: number }) => (
  <details class="tool" data-testid="tool-card">
    <summary>
      <Show when={props.tool.status === 'running'} fallback={<Icon name={props.tool.name.includes('gt_') ? 'hook' : 'tool'} />}>
        <Spinner />
      </Show>
      <strong>{props.tool.name.replace(/^gastown_/, '')}</strong>
      <span class="what grow ellipsis">{gist(props.tool.input)}</span>
      <Show when={props.tool.status === 'error'}>
        <Pill tone="bad">Failed</Pill>
      </Show>
      <span class="muted tiny">
        <Time at={props.atMs} />
      </span>
    </summary>
    <h4>Input</h4>
    <pre class="output" tabindex="0">
      {props.tool.input === '' ? 'Nothing.' : pretty(props.tool.input)}
    </pre>
    <h4>Output</h4>
    <pre class="output" tabindex="0">
      {props.tool.output === '' ? (props.tool.status === 'running' ? 'Still running.' : 'Nothing.') : props.tool.output}
    </pre>
  </details>
);

const PartBody = (props: { readonly part: SessionPart | WholePart }) => (
  <Switch>
    <Match when={props.part.kind === 'tool' && props.part.tool}>{(tool) => <ToolCard tool={tool()} atMs={props.part.atMs} />}</Match>
    <Match when={props.part.kind === 'reasoning' && props.part.text}>
      {(text) => (
        <div class="reasoning">
          <Markdown text={text()} />
        </div>
      )}
    </Match>
    <Match when={props.part.role === 'user' && props.part.text}>
      {(text) => (
        <details class="prompt">
          <summary>Prompt</summary>
          <div style={{ 'margin-top': '8px' }}>
            <Markdown text={text()} />
          </div>
        </details>
      )}
    </Match>
    <Match when={props.part.kind === 'text' && props.part.text}>{(text) => <Markdown text={text()} />}</Match>
  </Switch>
);

/** A long part shows its beginning until somebody asks for all of it. */
export const SessionPartView = (props: { readonly part: SessionPart; readonly readWhole: (partId: string) => Promise<WholePart> }) => {
  const [whole, setWhole] = createSignal<WholePart>();
  const [error, setError] = createSignal<unknown>();
  const read = (partId: string): void => {
    setError(undefined);
    props.readWhole(partId).then(setWhole, setError);
  };
  return (
    <>
      <PartBody part={whole() ?? props.part} />
      <Show when={whole() === undefined && props.part.whole}>
        {(more) => (
          <>
            <button type="button" class="link" onClick={() => read(more().partId)}>
              Show all {Math.ceil(more().bytes / 1024)} KB
            </button>
            <ErrorNote error={error()} />
          </>
        )}
      </Show>
    </>
  );
};
