// The fields of a bead as a list of facts; which ones depends on its type.
import { Show } from 'solid-js';
import type { JSX } from 'solid-js';
import type { Bead } from '../../../functions/contracts/bead.schema.ts';
import { session } from '../api/session.ts';
import { DrawerLink } from '../drawers/drawer-link.tsx';
import { Time } from '../parts/time.tsx';
import { actorWord, agentWord, kindWord } from '../words/status.ts';

const Fact = (props: { readonly name: string; readonly when: unknown; readonly children: JSX.Element }) => (
  <Show when={props.when}>
    <dt>{props.name}</dt>
    <dd>{props.children}</dd>
  </Show>
);
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const Other = (props: { readonly to: string }) => (
  <DrawerLink kind="bead" to={props.to} class="id">
    {props.to}
  </DrawerLink>
);

export const BeadFacts = (props: { readonly bead: Bead; readonly rigName: string | undefined }) => {
  const issue = () => (props.bead.details.type === 'issue' ? props.bead.details : undefined);
  const merge = () => (props.bead.details.type === 'merge_request' ? props.bead.details : undefined);
  const about = () => (props.bead.details.type === 'escalation' ? props.bead.details.aboutBeadId : undefined);
  const convoy = () => (props.bead.details.type === 'convoy' ? props.bead.details : undefined);
  const branches = () => merge() ?? issue();
  return (
    <dl class="facts">
      <Fact name="Kind" when={issue()}>
        {issue() === undefined ? '' : `${kindWord[issue()?.kind ?? 'work']} · ${issue()?.issueType ?? ''}`}
      </Fact>
      <Fact name="Repository" when={props.rigName}>
        {props.rigName}
      </Fact>
      <Fact name="Agent" when={props.bead.assigneeAgentId}>
        <DrawerLink kind="agent" to={props.bead.assigneeAgentId ?? ''}>
          {capital(agentWord(props.bead.assigneeAgentId ?? ''))}
        </DrawerLink>
      </Fact>
      <Fact name="Priority" when={props.bead.priority}>
        {capital(props.bead.priority)}
      </Fact>
      <Fact name="Merged" when={convoy()}>
        {convoy()?.mergeMode === 'review-then-land' ? 'All together, when the last bead is done' : 'Each bead by itself'}
      </Fact>
      <Fact name="Branch" when={convoy()?.featureBranch ?? branches()?.branch}>
        <span class="mono">{convoy()?.featureBranch ?? branches()?.branch}</span>
      </Fact>
      <Fact name="Merges into" when={branches()?.targetBranch}>
        <span class="mono">{branches()?.targetBranch}</span>
      </Fact>
      <Fact name="Made from" when={merge()?.sourceBeadId}>
        <Other to={merge()?.sourceBeadId ?? ''} />
      </Fact>
      <Fact name="About" when={about()}>
        <Other to={about() ?? ''} />
      </Fact>
      <Fact name="Repairs" when={issue()?.mergeRequestId}>
        <Other to={issue()?.mergeRequestId ?? ''} />
      </Fact>
      <Fact name="Repaired by" when={merge()?.repairBeadId}>
        <Other to={merge()?.repairBeadId ?? ''} />
      </Fact>
      <Fact name="Merge request" when={issue()?.latestMergeRequestId}>
        <Other to={issue()?.latestMergeRequestId ?? ''} />
      </Fact>
      <Fact name="Convoy" when={branches()?.convoyId}>
        <Other to={branches()?.convoyId ?? ''} />
      </Fact>
      <Fact name="Landed as" when={merge()?.landedSha}>
        <span class="mono">{merge()?.landedSha?.slice(0, 12)}</span>
      </Fact>
      <Fact name="Rounds" when={(merge()?.reworkRounds ?? 0) + (merge()?.conflictRounds ?? 0) > 0}>
        {merge()?.reworkRounds ?? 0} rework, {merge()?.conflictRounds ?? 0} conflict
      </Fact>
      <Fact name="Attempts" when={props.bead.dispatchAttempts > 1}>
        {props.bead.dispatchAttempts}
      </Fact>
      <Fact name="Asked for by" when={props.bead.requestedBy}>
        {capital(actorWord(`user:${props.bead.requestedBy}`, session()?.userId))}
      </Fact>
      <Fact name="Created" when>
        <Time at={props.bead.createdAt} /> <span class="muted">by {actorWord(props.bead.createdBy, session()?.userId)}</span>
      </Fact>
      <Fact name="Started" when={props.bead.startedAt}>
        <Time at={props.bead.startedAt ?? props.bead.createdAt} />
      </Fact>
      <Fact name="Finished" when={props.bead.closedAt}>
        <Time at={props.bead.closedAt ?? props.bead.createdAt} />
      </Fact>
      <Fact name="Labels" when={props.bead.labels.length > 0}>
        {props.bead.labels.join(', ')}
      </Fact>
    </dl>
  );
};
