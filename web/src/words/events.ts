// An event as a sentence. Unknown types and missing facts still read as something true.
import type { EventType, TownEvent } from '../../../functions/contracts/bead.schema.ts';
import type { IconName } from '../parts/icon.tsx';
import { actorWord, agentWord, statusTone, statusWord, statuses } from './status.ts';
import type { Tone } from './status.ts';

export interface EventWords { readonly text: string; readonly detail?: string; readonly tone: Tone; readonly icon: IconName }

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
type Make = (event: TownEvent, who: string) => Omit<EventWords, 'detail'> & { readonly detail?: string | undefined };

const worker = (event: TownEvent, who: string): string => capital(event.agentId === undefined ? who : agentWord(event.agentId));
const statusChanged: Make = (event, who) => {
  const status = statuses.find((known) => known === event.new);
  const word = status === undefined ? (event.new ?? 'changed') : statusWord[status].toLowerCase();
  const tone = status === undefined ? 'plain' : statusTone[status];
  return {
    text: who === 'you' ? `You moved it to ${word}` : `Now ${word}`, tone, icon: tone === 'bad' ? 'alert' : tone === 'ok' ? 'check' : 'board',
    detail: fact(event, 'reason', 'message'),
  };
};
const gateResult: Make = (event) => {
  const passed = event.data.ok === true || event.new === 'passed' || event.new === 'ok';
  return { text: passed ? 'Gates passed' : 'A gate failed', tone: passed ? 'ok' : 'bad', icon: passed ? 'check' : 'alert', detail: fact(event, 'name', 'gate', 'message') };
};

const makers: Partial<Record<EventType, Make>> = {
  created: (event, who) => ({ text: `${capital(who)} created this`, tone: 'plain', icon: 'plus', detail: fact(event, 'title') }),
  fields_updated: (event, who) => ({ text: `${capital(who)} changed it`, tone: 'plain', icon: 'edit', detail: fact(event, 'fields') }),
  status_changed: statusChanged,
  assigned: (event, who) => ({ text: `${worker(event, who)} got the work`, tone: 'busy', icon: 'hook' }),
  hooked: (event, who) => ({ text: `On the hook of ${event.agentId === undefined ? who : agentWord(event.agentId)}`, tone: 'busy', icon: 'hook' }),
  unhooked: (event, who) => ({ text: `Off the hook of ${event.agentId === undefined ? who : agentWord(event.agentId)}`, tone: 'plain', icon: 'hook', detail: fact(event, 'reason') }),
  dispatched: (event, who) => ({ text: `${worker(event, who)} started on it`, tone: 'busy', icon: 'play' }),
  dispatch_failed: (event) => ({ text: 'Could not be started', tone: 'warn', icon: 'alert', detail: fact(event, 'message', 'reason', 'error') ?? event.new }),
  agent_started: (event, who) => ({ text: `${worker(event, who)} is up`, tone: 'busy', icon: 'agent' }),
  agent_exited: (event, who) => ({ text: `${worker(event, who)} stopped`, tone: 'plain', icon: 'agent', detail: fact(event, 'reason', 'message', 'error') }),
  agent_status: (event, who) => ({ text: `${worker(event, who)}: ${event.new ?? fact(event, 'text') ?? 'working'}`, tone: 'busy', icon: 'chat' }),
  done: (event, who) => ({ text: `${worker(event, who)} handed it in`, tone: 'review', icon: 'check', detail: fact(event, 'summary') }),
  review_submitted: () => ({ text: 'Merge request made', tone: 'review', icon: 'merge' }),
  review_completed: (event, who) => {
    const approved = event.new === 'approved' || event.data.outcome === 'approved';
    return { text: `${worker(event, who)} ${approved ? 'approved it' : 'asked for changes'}`, tone: approved ? 'ok' : 'warn', icon: approved ? 'check' : 'edit', detail: fact(event, 'summary') };
  },
  rework_requested: (event) => ({ text: 'Needs another round', tone: 'warn', icon: 'edit', detail: fact(event, 'summary', 'message', 'reason') }),
  gate_result: gateResult,
  pr_conflict: (event) => ({ text: 'Conflicts with the target branch', tone: 'warn', icon: 'alert', detail: fact(event, 'files', 'message') }),
  merged: (event) => ({ text: `Merged${event.data.landedSha === undefined && event.new === undefined ? '' : ` as ${shortSha(fact(event, 'landedSha', 'sha') ?? event.new)}`}`, tone: 'ok', icon: 'merge' }),
  merge_failed: (event) => ({ text: 'Could not be merged', tone: 'bad', icon: 'alert', detail: fact(event, 'message', 'reason') }),
  mail_sent: (event, who) => ({ text: `${capital(who)} sent mail`, tone: 'plain', icon: 'chat', detail: fact(event, 'title', 'subject') }),
  mail_delivered: () => ({ text: 'Mail delivered', tone: 'plain', icon: 'chat' }),
  escalated: (event, who) => ({ text: `${capital(who)} asked for a person`, tone: 'warn', icon: 'alert', detail: fact(event, 'title', 'message', 'reason') }),
  acknowledged: (_event, who) => ({ text: `${capital(who)} took note`, tone: 'plain', icon: 'check' }),
  convoy_started: (event, who) => ({ text: `${capital(who)} started a convoy`, tone: 'busy', icon: 'convoy', detail: fact(event, 'title') }),
  convoy_progress: (event) => {
    const closed = fact(event, 'closed', 'closedBeads');
    const total = fact(event, 'total', 'totalBeads');
    return { text: closed === undefined || total === undefined ? 'The convoy moved on' : `Convoy: ${closed} of ${total} done`, tone: 'busy', icon: 'convoy' };
  },
  convoy_landed: (event) => ({ text: 'The convoy is complete', tone: 'ok', icon: 'convoy', detail: fact(event, 'title') }),
  dependency_added: (event) => ({ text: `Waits for ${fact(event, 'dependsOnId') ?? event.new ?? 'another bead'}`, tone: 'plain', icon: 'link' }),
  dependency_removed: (event) => ({ text: `No longer waits for ${fact(event, 'dependsOnId') ?? event.old ?? 'another bead'}`, tone: 'plain', icon: 'link' }),
  town_created: (_event, who) => ({ text: `${capital(who)} created the town`, tone: 'plain', icon: 'town' }),
  rig_connected: (event, who) => ({ text: `${capital(who)} connected a repository`, tone: 'ok', icon: 'repository', detail: fact(event, 'name', 'gitUrl') }),
  config_changed: (_event, who) => ({ text: `${capital(who)} changed the settings`, tone: 'plain', icon: 'settings' }),
  runtime_started: () => ({ text: 'The town woke up', tone: 'busy', icon: 'town' }),
  runtime_stopped: (event) => ({ text: 'The town went to sleep', tone: 'plain', icon: 'town', detail: fact(event, 'reason') }),
  mayor_message: (event, who) => ({ text: who === 'you' ? 'You wrote to the Mayor' : `${capital(who)} spoke`, tone: 'plain', icon: 'chat', detail: fact(event, 'text', 'preview') }),
  comment: (event, who) => ({ text: `${capital(who)} commented`, tone: 'plain', icon: 'chat', detail: fact(event, 'text') ?? event.new }),
};

export const eventWords = (event: TownEvent, userId: string | undefined): EventWords => {
  const who = actorWord(event.actor, userId);
  const make = makers[event.type];
  const words = make?.(event, who) ?? { text: capital(event.type.replaceAll('_', ' ')), tone: 'plain' as const, icon: 'info' as const };
  const { detail, ...rest } = words;
  return detail === undefined ? rest : { ...rest, detail };
};
