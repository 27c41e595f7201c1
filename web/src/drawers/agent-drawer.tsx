// The drawer of an agent: what it does right now, its session, its history.
import { Tabs } from '@kobalte/core/tabs';
import { Show } from 'solid-js';
import { AgentRecord } from '../agent/agent-record.tsx';
import { SessionView } from '../agent/session-view.tsx';
import { isNotFound } from '../api/errors.ts';
import { session } from '../api/session.ts';
import { useRead } from '../api/read.ts';
import { BeadLine } from '../bead/bead-line.tsx';
import { Timeline } from '../bead/timeline.tsx';
import { useTown } from '../live/town-live.tsx';
import { useAgentName, useSays } from '../parts/agent-row.tsx';
import type { AgentView } from '../parts/agent-row.tsx';
import { Brief } from '../parts/brief.tsx';
import { AgentAvatar, Bones, Empty, ErrorNote, Note, Pill } from '../parts/pieces.tsx';
import { Time } from '../parts/time.tsx';
import { actorWord, agentStateWord, agentTone, rolePlainWord, roleWord } from '../words/status.ts';
import { DrawerHead } from './drawer-head.tsx';

const Details = (props: { readonly view: AgentView }) => {
  const agent = () => props.view.agent;
  return (
    <>
      <Show when={props.view.report?.observed.error}>
        {(error) => (
          <div class="section">
            <Note tone="bad">
              <Brief text={error().message} />
            </Note>
          </div>
        )}
      </Show>
      <section class="section">
        <h3>Facts</h3>
        <dl class="facts">
          <dt>Role</dt>
          <dd>
            {roleWord[agent().role]} <span class="muted">({rolePlainWord[agent().role]})</span>
          </dd>
          <Show when={agent().crew}>
            {(crew) => (
              <>
                <dt>Agent of</dt>
                <dd>{actorWord(`user:${crew().userId}`, session()?.userId)}</dd>
              </>
            )}
          </Show>
          <dt>State</dt>
          <dd>{agentStateWord[agent().state]}</dd>
          <Show when={agent().startedAt}>
            {(at) => (
              <>
                <dt>Started</dt>
                <dd>
                  <Time at={at()} />
                </dd>
              </>
            )}
          </Show>
          <Show when={agent().lastActivityAt}>
            {(at) => (
              <>
                <dt>Last activity</dt>
                <dd>
                  <Time at={at()} />
                </dd>
              </>
            )}
          </Show>
          <Show when={props.view.report}>
            {(report) => (
              <>
                <dt>Last report</dt>
                <dd>
                  <Time at={report().receivedAtMs} />
                </dd>
              </>
            )}
          </Show>
          <Show when={(props.view.report?.observed.activeTools.length ?? 0) > 0}>
            <dt>Tools in use</dt>
            <dd class="mono">{props.view.report?.observed.activeTools.join(', ')}</dd>
          </Show>
          <dt>Dispatch</dt>
          <dd class="number">{agent().epoch}</dd>
          <Show when={agent().lastExit}>
            {(why) => (
              <>
                <dt>Stopped last</dt>
                <dd>
                  <Brief text={why()} />
                </dd>
              </>
            )}
          </Show>
        </dl>
      </section>
    </>
  );
};

const Name = (props: { readonly view: AgentView }) => {
  const name = useAgentName(() => props.view);
  return <>{name()}</>;
};
const Says = (props: { readonly view: AgentView }) => {
  const says = useSays(() => props.view);
  return (
    <p class="soft small" data-testid="agent-says">
      {says()}
    </p>
  );
};

export const AgentDrawer = (props: { readonly agentId: string }) => {
  const { townId } = useTown();
  const read = useRead('getAgent', () => ({ params: { townId, agentId: props.agentId } }));
  return (
    <Show
      when={read.data()}
      fallback={
        <>
          <DrawerHead
            start={<span class="id">{props.agentId}</span>}
            title={isNotFound(read.error()) ? 'This agent is not here' : read.error() === undefined ? 'Loading' : 'It cannot be shown'}
            linkSearch={`?agent=${props.agentId}`}
          />
          <div class="drawer-body">
            <Show when={read.error()} fallback={<Bones lines={4} />}>
              <Show when={isNotFound(read.error())} fallback={<ErrorNote error={read.error()} onRetry={read.refetch} />}>
                <Empty title={props.agentId === 'mayor' ? 'The Mayor has not started yet' : `No agent ${props.agentId} in this town`}>
                  {props.agentId === 'mayor' ? 'It starts with your first message.' : 'The link may be mistyped, or be of another town.'}
                </Empty>
              </Show>
            </Show>
          </div>
        </>
      }
    >
      {(view) => (
        <>
          <DrawerHead
            title={<Name view={view()} />}
            linkSearch={`?agent=${props.agentId}`}
            start={
              <>
                <AgentAvatar agent={view().agent} large />
                <span class="muted tiny">
                  {roleWord[view().agent.role]} · {rolePlainWord[view().agent.role]}
                </span>
                <Pill tone={agentTone[view().agent.state]}>{agentStateWord[view().agent.state]}</Pill>
              </>
            }
          >
            <Says view={view()} />
            <Show when={view().agent.hookBeadId}>
              {(beadId) => (
                <div class="panel" style={{ 'box-shadow': 'none' }}>
                  <BeadLine beadId={beadId()} />
                </div>
              )}
            </Show>
          </DrawerHead>
          <Tabs class="tabs" defaultValue="session">
            <Tabs.List class="tab-list" aria-label="About this agent">
              <Tabs.Trigger class="tab" value="session">
                Session
              </Tabs.Trigger>
              <Tabs.Trigger class="tab" value="history">
                History
              </Tabs.Trigger>
              <Tabs.Trigger class="tab" value="details">
                Details
              </Tabs.Trigger>
            </Tabs.List>
            <Tabs.Content class="drawer-body" value="session">
              <SessionView agentId={props.agentId} />
            </Tabs.Content>
            <Tabs.Content class="drawer-body" value="history">
              <Timeline of={{ agentId: props.agentId }} />
            </Tabs.Content>
            <Tabs.Content class="drawer-body" value="details">
              <Details view={view()} />
              <AgentRecord agentId={props.agentId} />
            </Tabs.Content>
          </Tabs>
        </>
      )}
    </Show>
  );
};
