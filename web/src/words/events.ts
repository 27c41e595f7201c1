// An event as a sentence. Unknown types and missing facts still read as something true.
import type { EventType, TownEvent } from '../../../functions/contracts/event.schema.ts';
import type { IconName } from '../parts/icon.tsx';
import { actorWord, agentWord, statusTone, statusWord, statuses } from './status.ts';
import type { Tone } from './status.ts';

export interface EventWords {
  readonly text: string;
  readonly detail?: string;
  readonly tone: Tone;
  readonly icon: IconName;
}

const fact = (event: TownEvent, ...names: readonly string[]): string | undefined => {
  for (const name of names) {
    const value = event.data[name];
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'number') return String(value);
  }
  return undefined;
};
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const shortSha = (text: string | undefined): string => (text === undefined ? '' : text.slice(0, 8));
type TitleOf = (beadId: string) => string | undefined;
type Make = (event: TownEvent, who: string, titleOf: TitleOf) => Omit<EventWords, 'detail'> & { readonly detail?: string | undefined };

const worker = (event: TownEvent, who: string): string => capital(event.agentId === undefined ? who : agentWord(event.agentId));
const said = (event: TownEvent): string | undefined => fact(event, 'reason', 'summary', 'message') ?? event.new;
const count = (event: TownEvent, name: string): number => (typeof event.data[name] === 'number' ? event.data[name] : 0);

/** By its title where that is at hand. */
const named = (beadId: string | undefined, titleOf: TitleOf): string => {
  if (beadId === undefined) return 'another bead';
  const title = titleOf(beadId);
  return title === undefined ? beadId : `“${title}”`;
};
const unblocked: Make = (event, _who, titleOf) => ({
  text: count(event, 'openBlockers') === 0 ? 'No longer blocked' : 'One blocker less',
  tone: 'plain',
  icon: 'link',
  detail: `${named(fact(event, 'unblockedBy'), titleOf)} is done`,
});
const statusChanged: Make = (event, who, titleOf) => {
  const status = statuses.find((known) => known === event.new);
  if (status === undefined) {
    if (event.data.train !== undefined) return { text: 'Its turn on the merge train', tone: 'review', icon: 'merge' };
    if (event.data.unblockedBy !== undefined) return unblocked(event, who, titleOf);
    return { text: 'Moved on', tone: 'plain', icon: 'board' };
  }
  const tone = statusTone[status];
  const word = statusWord[status].toLowerCase();
  return {
    text: who === 'you' ? `You moved it to ${word}` : `Now ${word}`,
    tone,
    icon: tone === 'bad' ? 'alert' : tone === 'ok' ? 'check' : 'board',
    detail: fact(event, 'reason', 'message'),
  };
};
const gateResult: Make = (event) => {
  const result = fact(event, 'result');
  if (result === 'green') return { text: 'Gates passed', tone: 'ok', icon: 'check' };
  if (result === 'target_red') return { text: 'The target branch itself is red', tone: 'warn', icon: 'alert', detail: event.new };
  return { text: 'A gate failed', tone: 'bad', icon: 'alert', detail: event.new };
};
const verdict: Make = (event, who) => {
  const isApproved = event.new === 'approved';
  return {
    text: `${worker(event, who)} ${isApproved ? 'approved it' : 'asked for changes'}`,
    tone: isApproved ? 'ok' : 'warn',
    icon: isApproved ? 'check' : 'edit',
    detail: fact(event, 'summary'),
  };
};
const fieldsUpdated: Make = (event, who, titleOf) => {
  if (event.data.unblockedBy !== undefined) return unblocked(event, who, titleOf);
  const field = fact(event, 'field');
  if (field === 'pushed') return { text: `${worker(event, who)} pushed ${shortSha(event.new)}`, tone: 'busy', icon: 'commit' };
  if (field === 'checkpoint') return { text: `${worker(event, who)} left a note for later`, tone: 'plain', icon: 'edit' };
  if (event.data.held === true) return { text: `${capital(who)} held it`, tone: 'warn', icon: 'pause' };
  if (event.data.held === false) return { text: `${capital(who)} released it`, tone: 'plain', icon: 'play' };
  const changed = Array.isArray(event.data.changed) ? event.data.changed.filter((name) => typeof name === 'string').join(', ') : undefined;
  return { text: `${capital(who)} changed it`, tone: 'plain', icon: 'edit', detail: changed };
};

const isRefinery = (event: TownEvent): boolean => event.agentId?.startsWith('refinery-') === true;

const makers: Partial<Record<EventType, Make>> = {
  created: (event, who) => ({
    text: `${capital(who)} created a bead`,
    tone: 'plain',
    icon: 'plus',
    detail: event.new ?? fact(event, 'title'),
  }),
  fields_updated: fieldsUpdated,
  status_changed: statusChanged,
  assigned: (event, who) => ({ text: `${worker(event, who)} got the work`, tone: 'busy', icon: 'hook' }),
  hooked: (event, who) =>
    isRefinery(event)
      ? {
          text: `${['0', undefined].includes(fact(event, 'gates')) ? 'Being' : 'Gates passed; being'} reviewed by ${agentWord(event.agentId ?? '')}`,
          tone: 'review',
          icon: 'eye',
        }
      : { text: `Given to ${event.agentId === undefined ? who : agentWord(event.agentId)}`, tone: 'busy', icon: 'hook' },
  unhooked: (event, who) => ({
    text: isRefinery(event) ? 'The Refinery is done with it' : `Taken from ${event.agentId === undefined ? who : agentWord(event.agentId)}`,
    tone: 'plain',
    icon: 'hook',
    detail: said(event),
  }),
  dispatched: (event, who) => ({ text: `${worker(event, who)} takes it on`, tone: 'busy', icon: 'play' }),
  dispatch_failed: (event) => ({ text: 'Could not go on', tone: 'warn', icon: 'alert', detail: said(event) }),
  agent_started: (event, who) => ({ text: `${worker(event, who)} is up`, tone: 'busy', icon: 'agent', detail: event.new }),
  agent_exited: (event, who) => ({ text: `${worker(event, who)} stopped`, tone: 'plain', icon: 'agent', detail: said(event) }),
  agent_status: (event, who) =>
    event.new === 'starting'
      ? { text: `${worker(event, who)} is starting`, tone: 'busy', icon: 'agent' }
      : { text: worker(event, who), tone: 'busy', icon: 'chat', detail: event.new ?? fact(event, 'text') },
  done: (event, who) => ({ text: `${worker(event, who)} handed it in`, tone: 'review', icon: 'check', detail: fact(event, 'summary') }),
  review_submitted: verdict,
  // Verdicts of older towns have this type, too.
  review_completed: (event, ...more) =>
    event.new === 'approved' || event.new === 'changes'
      ? verdict(event, ...more)
      : { text: 'Waits for its turn to be merged', tone: 'review', icon: 'merge' },
  rework_requested: (event) => ({ text: 'Needs another round', tone: 'warn', icon: 'edit', detail: said(event) }),
  gate_result: gateResult,
  pr_conflict: (event) => ({ text: 'Conflicts with the target branch', tone: 'warn', icon: 'alert', detail: said(event) }),
  merged: (event) => ({
    text: `Merged${fact(event, 'targetBranch') === undefined ? '' : ` into ${fact(event, 'targetBranch') ?? ''}`}`,
    tone: 'ok',
    icon: 'merge',
    detail: shortSha(fact(event, 'landedSha')),
  }),
  merge_failed: (event) => ({ text: 'Could not be merged', tone: 'bad', icon: 'alert', detail: said(event) }),
  mail_sent: (event, who) => ({ text: `${capital(who)} sent mail`, tone: 'plain', icon: 'chat', detail: event.new }),
  mail_delivered: () => ({ text: 'Mail delivered', tone: 'plain', icon: 'chat' }),
  escalated: (event, who) => ({ text: `${capital(who)} asked for a person`, tone: 'warn', icon: 'alert', detail: said(event) }),
  acknowledged: (_event, who) => ({ text: `${capital(who)} took note`, tone: 'plain', icon: 'check' }),
  convoy_started: (event, who) => ({ text: `${capital(who)} started a convoy`, tone: 'busy', icon: 'convoy', detail: event.new }),
  convoy_progress: (event) => ({
    text: event.new === 'landed' ? 'The work of the convoy landed' : `Convoy: ${count(event, 'closed')} of ${count(event, 'total')} done`,
    tone: 'busy',
    icon: 'convoy',
  }),
  convoy_landed: () => ({ text: 'The convoy is complete', tone: 'ok', icon: 'convoy' }),
  dependency_added: (event, _who, titleOf) => ({
    text: `Waits for ${named(fact(event, 'dependsOnId') ?? event.new, titleOf)}`,
    tone: 'plain',
    icon: 'link',
  }),
  dependency_removed: (event, _who, titleOf) => ({
    text: `No longer waits for ${named(fact(event, 'dependsOnId') ?? event.old, titleOf)}`,
    tone: 'plain',
    icon: 'link',
  }),
  town_created: (_event, who) => ({ text: `${capital(who)} created the town`, tone: 'plain', icon: 'town' }),
  town_stopped: (event, who) => ({ text: `${capital(who)} stopped the town`, tone: 'bad', icon: 'pause', detail: said(event) }),
  town_resumed: (_event, who) => ({ text: `${capital(who)} let the town go on`, tone: 'ok', icon: 'play' }),
  rig_connected: (event, who) => ({
    text: `${capital(who)} connected a repository`,
    tone: 'ok',
    icon: 'repository',
    detail: event.new ?? fact(event, 'name'),
  }),
  config_changed: (_event, who) => ({ text: `${capital(who)} changed the settings`, tone: 'plain', icon: 'settings' }),
  runtime_started: () => ({ text: 'The town woke up', tone: 'busy', icon: 'town' }),
  runtime_stopped: (event) => ({ text: 'The town went to sleep', tone: 'plain', icon: 'town', detail: said(event) }),
  mayor_message: (event, who) => {
    if (who === 'you') return { text: 'You wrote to the Mayor', tone: 'plain', icon: 'chat' };
    return fact(event, 'outcome') === 'failed'
      ? { text: 'The Mayor could not answer', tone: 'warn', icon: 'chat' }
      : { text: `${capital(who)} answered`, tone: 'plain', icon: 'chat' };
  },
  comment: (event, who) => ({ text: `${capital(who)} commented`, tone: 'plain', icon: 'chat', detail: said(event) }),
};

/** `titleOf` answers undefined for a bead whose title is not at hand. */
export const eventWords = (event: TownEvent, reader: { readonly userId: string | undefined; readonly titleOf: TitleOf }): EventWords => {
  const who = actorWord(event.actor, reader.userId);
  const make = makers[event.type];
  const words = make?.(event, who, reader.titleOf) ?? {
    text: capital(event.type.replaceAll('_', ' ')),
    tone: 'plain' as const,
    icon: 'info' as const,
  };
  const { detail, ...rest } = words;
  return detail === undefined || detail === '' ? rest : { ...rest, detail };
};
