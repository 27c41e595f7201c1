// The verbs of `gt`: the agent's own work, words to others, steps, notes.
import { search } from './bd-verbs.ts';
import { call, flagOption, longText, short, textOption, UsageError, word } from './verb.ts';
import type { Call, Given, Surroundings, Verb, Verbs } from './verb.ts';

const prime: Verb = {
  usage: '',
  what: 'Who you are, what is on your hook, and your mail, which counts as read.',
  calls: () => call('gt_prime'),
};
const message = short('m', textOption);

const done = (given: Given, around: Surroundings): readonly Call[] => {
  const branch = given.text('branch') ?? around.git('symbolic-ref', '--quiet', '--short', 'HEAD');
  if (branch === undefined) throw new UsageError('This folder is on no branch. Say yours with --branch <name>.');
  const summary = longText(given, around, 'message') ?? around.git('log', '-1', '--format=%B');
  if (summary === undefined) throw new UsageError('Say with -m what was changed and why.');
  return call('gt_done', { branch, commit: given.text('commit'), pr_url: given.text('pr-url'), summary });
};

/** A text that is an option, the words after the first ones, or stdin. */
const said = (given: Given, around: Surroundings, from: number): string => {
  const text = longText(given, around, 'message') ?? given.words.slice(from).join(' ');
  if (text.trim() === '') throw new UsageError('Say something: with -m <text>, or --stdin.');
  return text;
};

/** Gastown's addresses end with a slash for a role that lives alone: `mayor/`. */
const addressee = (text: string): string => text.replace(/\/$/, '');

const inbox: Verb = {
  usage: '[--queue <name>] [--thread <id>]',
  what: 'Read your mail. What is shown counts as delivered.',
  options: { queue: textOption, thread: textOption },
  calls: (given) => call('gt_mail_check', { queue: given.text('queue'), thread: given.text('thread') }),
};

const current: Verb = { usage: '', what: 'The step of your bead that comes next, in full.', calls: () => call('gt_mol_current') };
const stepOptions = { outcome: textOption, note: textOption, 'loop-done': textOption };
const advance: Verb = {
  usage: '<step> [--outcome <done|skipped|failed>] [--note <text>] [--loop-done <true|false>]',
  what: 'Finish the current step of your bead, and get the next one.',
  words: [1, 1],
  options: stepOptions,
  calls: (given) => {
    const over = given.text('loop-done');
    if (over !== undefined && over !== 'true' && over !== 'false') throw new UsageError('--loop-done is true or false.');
    return call('gt_mol_advance', {
      step: word(given),
      outcome: given.text('outcome'),
      note: given.text('note'),
      loop_done: over === undefined ? undefined : over === 'true',
    });
  },
};

export const gtVerbs: Verbs = {
  prime,
  hook: { ...prime, what: 'What is on your hook (the same as gt prime).' },
  done: {
    usage: '[-m <summary> | --stdin] [--branch <name>] [--commit <sha>] [--pr-url <address>]',
    what: 'Hand in the bead on your hook. Push first. Without options: the branch you are on, and the message of its last commit.',
    options: { message, stdin: flagOption, branch: textOption, commit: textOption, 'pr-url': textOption },
    calls: done,
  },
  checkpoint: {
    usage: '<note>',
    what: 'Save where you are, so that you can go on after a restart.',
    words: [0, 100],
    options: { message, stdin: flagOption },
    calls: (given, around) => call('gt_checkpoint', { note: said(given, around, 0) }),
  },
  'mail send': {
    usage: '<to> -s <subject> (-m <text> | --stdin) [--reply-to <id>] [--thread <id>]',
    what: 'Send mail to an agent, role:mayor, user:<id>, queue:<name> or group:<name>.',
    words: [1, 100],
    options: { subject: short('s', textOption), message, stdin: flagOption, 'reply-to': textOption, thread: textOption },
    calls: (given, around) => {
      const subject = given.text('subject');
      if (subject === undefined) throw new UsageError('Say what it is about with -s <subject>.');
      return call('gt_mail_send', {
        to: addressee(word(given)),
        subject,
        body: said(given, around, 1),
        reply_to: given.text('reply-to'),
        thread: given.text('thread'),
      });
    },
  },
  'mail inbox': inbox,
  'mail check': inbox,
  'mail read': {
    usage: '<id>',
    what: 'One message again, by its id.',
    words: [1, 1],
    calls: (given) => call('gt_bead_status', { bead_id: word(given) }),
  },
  nudge: {
    usage: '<agent> <text> [--mode <wait-idle|immediate|queue>] [--priority <normal|urgent>]',
    what: 'Say something to an agent that is at work. It passes by: what must last is mail.',
    words: [1, 100],
    options: { message, stdin: flagOption, mode: textOption, priority: textOption },
    calls: (given, around) =>
      call('gt_nudge', {
        agent: addressee(word(given)),
        message: said(given, around, 1),
        mode: given.text('mode'),
        priority: given.text('priority'),
      }),
  },
  escalate: {
    usage: '<title> [-m <text> | --stdin] [-s <low|medium|high|critical>] [-c <category>]',
    what: 'Tell people that something needs them. Categories: decision, help, blocked, failed, emergency, gate, …',
    words: [1, 1],
    options: { message, stdin: flagOption, severity: short('s', textOption), category: short('c', textOption) },
    calls: (given, around) =>
      call('gt_escalate', {
        severity: (given.text('severity') ?? 'medium').toLowerCase(),
        category: given.text('category') ?? 'help',
        title: word(given),
        message: longText(given, around, 'message') ?? word(given),
      }),
  },
  'escalate ack': {
    usage: '<id> [-m <note>]',
    what: 'An escalation is taken care of (the Mayor only).',
    words: [1, 1],
    options: { message },
    calls: (given) => call('gt_escalation_acknowledge', { escalation_id: word(given), note: given.text('message') }),
  },
  'mol current': current,
  'mol status': current,
  'mol advance': advance,
  'mol step done': { ...advance, usage: '<step> [--note <text>] [--loop-done <true|false>]' },
  note: {
    usage: '<path>… -m <text>',
    what: 'Leave a note on files for whoever works on them next.',
    words: [1, 10],
    options: { message, stdin: flagOption },
    calls: (given, around) => {
      const text = longText(given, around, 'message');
      if (text === undefined) throw new UsageError('Say what to know about these files with -m <text>.');
      return call('gt_note', { paths: given.words, text });
    },
  },
  search,
  'convoy list': {
    usage: '[--status <open|closed|failed>]',
    what: 'Convoys with their progress (the Mayor only).',
    options: { status: textOption },
    calls: (given) => call('gt_list_convoys', { status: given.text('status') }),
  },
  'convoy status': {
    usage: '<id>',
    what: 'Progress of a convoy (the Mayor only).',
    words: [1, 1],
    calls: (given) => call('gt_convoy_status', { convoy_id: word(given) }),
  },
  agents: { usage: '', what: 'The agents of the town (the Mayor only).', calls: () => call('gt_list_agents') },
  'rig list': { usage: '', what: 'The repositories of the town (the Mayor only).', calls: () => call('gt_list_rigs') },
};
