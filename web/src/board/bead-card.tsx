// One bead on the board.
import { Show } from 'solid-js';
import type { Agent } from '../../../functions/contracts/agent.schema.ts';
import type { Bead } from '../../../functions/contracts/bead.schema.ts';
import { DrawerLink } from '../drawers/drawer-link.tsx';
import { AgentAvatar, Pill, PriorityMark } from '../parts/pieces.tsx';
import { Time } from '../parts/time.tsx';
import { count, isLive, kindWord } from '../words/status.ts';
import { briefOf } from '../words/brief.ts';

interface Props {
  readonly bead: Bead;
  readonly agent: Agent | undefined;
  readonly hasMoved: boolean;
}

/** The one line that says why it is where it is. */
const whyOf = (bead: Bead, agent: Agent | undefined): string | undefined => {
  if (bead.failure !== undefined) return briefOf(bead.failure.message).text;
  if (bead.status === 'open' && bead.openBlockers > 0) return `Waits for ${count(bead.openBlockers, 'other bead')}`;
  if (bead.status === 'in_progress' && agent !== undefined && agent.hookBeadId === bead.beadId)
    return agent.statusLine?.text ?? (isLive(agent) ? 'Work begins' : undefined);
  if (bead.status === 'open' && bead.details.type === 'issue' && bead.details.lastError !== undefined)
    return briefOf(bead.details.lastError).text;
  return undefined;
};

export const BeadCard = (props: Props) => (
  <DrawerLink
    kind="bead"
    to={props.bead.beadId}
    class="bead-card"
    classList={{ moved: props.hasMoved }}
    data-bead-id={props.bead.beadId}
    data-testid="bead-card"
    style={{ color: 'inherit', 'text-decoration': 'none' }}
  >
    <span class="row">
      <span class="id grow">{props.bead.beadId}</span>
      <Show when={props.bead.held && props.bead.status === 'open'}>
        <Pill tone="warn">Held</Pill>
      </Show>
      <Show when={props.bead.details.type === 'issue' && props.bead.details.kind !== 'work' ? props.bead.details.kind : undefined}>
        {(kind) => <Pill>{kindWord[kind()]}</Pill>}
      </Show>
      <PriorityMark priority={props.bead.priority} />
    </span>
    <span class="title">{props.bead.title}</span>
    <Show when={whyOf(props.bead, props.agent)}>
      {(why) => (
        <span class="why" style={props.bead.failure === undefined ? {} : { color: 'var(--bad)' }}>
          {why()}
        </span>
      )}
    </Show>
    <span class="foot">
      <Show when={props.agent}>
        {(agent) => (
          <>
            <AgentAvatar agent={agent()} />
            <span class="ellipsis">{agent().name}</span>
          </>
        )}
      </Show>
      <span class="grow" />
      <Time at={props.bead.updatedAt} />
    </span>
  </DrawerLink>
);
