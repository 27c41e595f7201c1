// One agent in a list: who, what it works on, what it says.
import { Show, createMemo } from 'solid-js';
import type { RouteResponse } from '../../../functions/contracts/routes.ts';
import { useRead } from '../api/read.ts';
import { session } from '../api/session.ts';
import { DrawerLink } from '../drawers/drawer-link.tsx';
import { useTown } from '../live/town-live.tsx';
import { waitingSince } from '../overview/mayor-step.ts';
import { briefOf } from '../words/brief.ts';
import { actorWord, agentStateWord, agentTone, isLive, rolePlainWord, roleWord } from '../words/status.ts';
import { AgentAvatar, Pill } from './pieces.tsx';
import { Time } from './time.tsx';

export type AgentView = RouteResponse<'getAgent'>;

const says = ({ agent, hookTitle }: AgentView, waitsSince: string | undefined): string => {
  // What the Mayor said last before this message is the answer to an earlier one.
  if (waitsSince !== undefined && isLive(agent) && (agent.statusLine?.at ?? '') < waitsSince) return 'Works on your message';
  if (isLive(agent) && agent.statusLine !== undefined) return agent.statusLine.text;
  if (hookTitle !== undefined) return `${agent.role === 'refinery' ? 'Reviews' : 'Works on'} ${hookTitle}`;
  if (agent.lastExit !== undefined && !isLive(agent)) return briefOf(agent.lastExit).text;
  if (agent.crew !== undefined) return `Agent of ${actorWord(`user:${agent.crew.userId}`, session()?.userId)}, takes work by itself`;
  return agent.role === 'mayor' ? 'Ready for your message' : 'Free for work';
};

/** What an agent is doing, in its own words where it has some. */
export const useSays = (view: () => AgentView): (() => string) => {
  const { townId } = useTown();
  // The conversation's own read; nobody else's line depends on it.
  const messages = useRead('mayorMessages', () =>
    view().agent.role === 'mayor' ? { params: { townId }, query: { limit: 100 } } : undefined,
  );
  return createMemo(() => says(view(), waitingSince((messages.data()?.items ?? []).toReversed())));
};

/** A refinery carries the id of its convoy, or the name of its repository where there are several. */
export const useAgentName = (view: () => AgentView): (() => string) => {
  const { townId } = useTown();
  const snapshot = useRead('snapshot', () => ({ params: { townId } }));
  return () => {
    const { agent } = view();
    const convoyId = /^refinery-(hq-.+)$/.exec(agent.agentId)?.[1];
    if (convoyId !== undefined) return `${agent.name} of ${convoyId}`;
    const rigs = snapshot.data()?.rigs ?? [];
    const rig = agent.role === 'refinery' && rigs.length > 1 ? rigs.find(({ rigId }) => rigId === agent.rigId) : undefined;
    return rig === undefined || agent.name.includes(rig.name) ? agent.name : `${agent.name} of ${rig.name}`;
  };
};

export const AgentRow = (props: { readonly view: AgentView }) => {
  const line = useSays(() => props.view);
  const name = useAgentName(() => props.view);
  return (
    <DrawerLink kind="agent" to={props.view.agent.agentId} class="list-row" data-agent-id={props.view.agent.agentId}>
      <AgentAvatar agent={props.view.agent} />
      <span class="agent-line">
        <span class="row">
          <strong class="small">{name()}</strong>
          <span class="muted tiny ellipsis">
            {props.view.agent.role === 'mayor'
              ? rolePlainWord.mayor
              : `${roleWord[props.view.agent.role]} · ${rolePlainWord[props.view.agent.role]}`}
          </span>
        </span>
        <span class="says ellipsis" title={line()}>
          {line()}
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
};

const rank = ({ agent }: AgentView): number =>
  agent.state === 'working' ? 0 : agent.state === 'starting' ? 1 : agent.state === 'stalled' ? 2 : agent.state === 'waiting' ? 3 : 4;
/** Active first, then by name. */
export const activeFirst = (views: readonly AgentView[]): readonly AgentView[] =>
  views
    .filter(({ agent }) => agent.state !== 'gone')
    .toSorted((left, right) => rank(left) - rank(right) || left.agent.name.localeCompare(right.agent.name));
