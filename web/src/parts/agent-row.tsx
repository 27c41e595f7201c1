// One agent in a list: who, what it works on, what it says.
import { Show } from 'solid-js';
import type { RouteResponse } from '../../../functions/contracts/routes.ts';
import { DrawerLink } from '../drawers/drawer-link.tsx';
import { agentStateWord, agentTone, isLive, rolePlainWord, roleWord } from '../words/status.ts';
import { AgentAvatar, Pill } from './pieces.tsx';
import { Time } from './time.tsx';

export type AgentView = RouteResponse<'getAgent'>;

/** What it is doing, in its own words where it has some. */
export const agentSays = ({ agent, hookTitle }: AgentView): string => {
  if (isLive(agent) && agent.statusLine !== undefined) return agent.statusLine.text;
  if (hookTitle !== undefined) return `Works on ${hookTitle}`;
  if (agent.lastExit !== undefined && !isLive(agent)) return agent.lastExit;
  return agent.role === 'mayor' ? 'Ready for your message' : 'Free for work';
};

export const AgentRow = (props: { readonly view: AgentView }) => (
  <DrawerLink kind="agent" to={props.view.agent.agentId} class="list-row" data-agent-id={props.view.agent.agentId}>
    <AgentAvatar agent={props.view.agent} />
    <span class="agent-line">
      <span class="row">
        <strong class="small">{props.view.agent.name}</strong>
        <span class="muted tiny ellipsis">
          {props.view.agent.role === 'mayor'
            ? rolePlainWord.mayor
            : `${roleWord[props.view.agent.role]} · ${rolePlainWord[props.view.agent.role]}`}
        </span>
      </span>
      <span class="says ellipsis" title={agentSays(props.view)}>
        {agentSays(props.view)}
      </span>
    </span>
    <span class="row">
      <Show when={props.view.agent.lastActivityAt ?? props.view.agent.updatedAt}>
        {(at) => (
          <span class="muted tiny">
            <Time at={at()} />
          </span>
        )}
      </Show>
      <Pill tone={agentTone[props.view.agent.state]}>{agentStateWord[props.view.agent.state]}</Pill>
    </span>
  </DrawerLink>
);

const rank = ({ agent }: AgentView): number =>
  agent.state === 'working' ? 0 : agent.state === 'starting' ? 1 : agent.state === 'stalled' ? 2 : agent.state === 'waiting' ? 3 : 4;
/** Active first, then by name. */
export const activeFirst = (views: readonly AgentView[]): readonly AgentView[] =>
  views
    .filter(({ agent }) => agent.state !== 'gone')
    .toSorted((left, right) => rank(left) - rank(right) || left.agent.name.localeCompare(right.agent.name));
