// The verbs of `bd`: beads and what they wait for.
import { call, flagOption, listOption, longText, priorityOf, short, textOption, UsageError, word } from './verb.ts';
import type { Call, Given, Row, Surroundings, Verb, Verbs } from './verb.ts';

const fields = {
  title: textOption,
  description: short('d', textOption),
  stdin: flagOption,
  priority: short('p', textOption),
  labels: short('l', listOption),
  type: short('t', textOption),
};
const limit = short('n', textOption);

/** `blocks:web-1a2b` or only the id. */
const dependencyOf = (text: string): { bead_id: string; type: string } => {
  const [, type = 'blocks', id = text] = /^([a-z-]+):(.+)$/.exec(text) ?? [];
  return { bead_id: id, type };
};

const create = (given: Given, around: Surroundings): readonly Call[] => {
  const title = given.text('title') ?? word(given);
  if (title === '')
    throw new UsageError('Say the title: bd create "Repair the login page" -d "What is wrong, where, and how to know that it is done"');
  const common = { title, body: longText(given, around, 'description') ?? '', priority: priorityOf(given), labels: given.list('labels') };
  const dependencies = (given.list('deps') ?? []).map(dependencyOf);
  if (around.role !== 'mayor') {
    // The town itself notes the bead in whose course this one was found.
    const refused = dependencies.some((dependency) => dependency.type !== 'discovered-from')
      ? 'deps'
      : (['parent', 'rig'] as const).find((name) => given.text(name) !== undefined);
    if (refused !== undefined)
      throw new UsageError(`--${refused} is the Mayor's to decide: leave it out, and say in the description what this work belongs to.`);
    return call('gt_bead_create', { ...common, issue_type: given.text('type') });
  }
  const rig = given.text('rig');
  if (rig === undefined) throw new UsageError('Say the repository with --rig <id>; gt rig list shows them.');
  const waits = dependencies.filter((dependency) => dependency.type === 'blocks').map((dependency) => dependency.bead_id);
  const others = dependencies.filter((dependency) => dependency.type !== 'blocks');
  return call('gt_sling', {
    ...common,
    rig_id: rig,
    parent_id: given.text('parent'),
    depends_on: waits.length === 0 ? undefined : waits,
    dependencies: others.length === 0 ? undefined : others,
  });
};

const statusCalls = (given: Given, id: string): readonly Call[] => {
  const status = given.flag('claim') ? 'in_progress' : given.text('status');
  if (status === undefined) return [];
  if (status === 'in_progress') return call('gt_bead_claim', { bead_id: id });
  if (status === 'closed') return call('gt_bead_close', { bead_id: id });
  throw new UsageError(
    `A bead does not become ${status} by hand: --claim takes it, bd close ends it, gt done hands in the one on your hook, --hold and --release stop and start it.`,
  );
};

const heldOf = (given: Given): boolean | undefined => {
  if (given.flag('hold')) return true;
  return given.flag('release') ? false : undefined;
};
const update = (given: Given, around: Surroundings): readonly Call[] => {
  const id = word(given);
  const patch = {
    title: given.text('title'),
    body: longText(given, around, 'description'),
    priority: priorityOf(given),
    labels: given.list('labels'),
    metadata: given.text('metadata'),
    issue_type: given.text('type'),
    held: heldOf(given),
    parent_id: given.text('parent'),
  };
  const assignee = given.text('assignee');
  const calls: readonly Call[] = [
    ...(Object.values(patch).some((value) => value !== undefined) ? call('gt_bead_update', { bead_id: id, ...patch }) : []),
    ...(assignee === undefined ? [] : call('gt_bead_reassign', { bead_id: id, agent: assignee })),
    ...statusCalls(given, id),
  ];
  if (calls.length === 0) throw new UsageError('Say what changes, for example --title, --priority or --description.');
  return calls;
};

const openBeads = (only: (row: Row) => boolean): readonly Call[] => [{ tool: 'gt_list_beads', args: { status: 'open', limit: 50 }, only }];
const waits = (row: Row): boolean => typeof row['open_blockers'] === 'number' && row['open_blockers'] > 0;

export const search: Verb = {
  usage: '<words> [--path <path>] [--kind <kind>] [--rig <id>] [--cursor <cursor>]',
  what: 'Search the history of the town.',
  words: [0, 20],
  options: { path: textOption, kind: textOption, rig: textOption, cursor: textOption },
  calls: (given) =>
    call('gt_search', {
      query: given.words.length === 0 ? undefined : given.words.join(' '),
      path: given.text('path'),
      kind: given.text('kind'),
      rig_id: given.text('rig'),
      cursor: given.text('cursor'),
    }),
};

export const bdVerbs: Verbs = {
  ready: {
    usage: '',
    what: 'Work that waits for nothing; for an agent at work, what is on its hook.',
    calls: (_given, around) => (around.role === 'mayor' ? openBeads((row) => !waits(row) && row['held'] !== true) : call('gt_prime')),
  },
  list: {
    usage: '[--status <status>] [--rig <id>] [--limit <number>]',
    what: 'Beads of the town, newest change first (the Mayor only).',
    options: { status: short('s', textOption), rig: textOption, limit },
    calls: (given) => call('gt_list_beads', { status: given.text('status'), rig_id: given.text('rig'), limit: given.number('limit') }),
  },
  blocked: { usage: '', what: 'Open beads that wait for others (the Mayor only).', calls: () => openBeads(waits) },
  show: {
    usage: '<id>… [--body-from <number>]',
    what: 'One bead: fields, what it waits for, newest events.',
    words: [1, 10],
    options: { 'body-from': textOption },
    calls: (given) => given.words.flatMap((id) => call('gt_bead_status', { bead_id: id, body_from: given.number('body-from') })),
  },
  create: {
    usage: '<title> [-d <text> | --stdin] [-t <type>] [-p <0-4>] [-l <label,…>] [--rig <id>] [--deps <id,…>] [--parent <id>]',
    what: 'Record work. What agents at work record is held until the Mayor decides; of the Mayor it is given out (needs --rig).',
    words: [0, 1],
    options: { ...fields, rig: textOption, deps: listOption, parent: textOption },
    calls: create,
  },
  update: {
    usage:
      '<id> [--title <text>] [-d <text> | --stdin] [-p <0-4>] [-l <label,…>] [-t <type>] [--metadata <json>] [--parent <id|none>] [--hold | --release] [-a <agent|anybody>] [--claim]',
    what: 'Change a bead that is not over. Labels are replaced as a whole.',
    words: [1, 1],
    options: {
      ...fields,
      status: short('s', textOption),
      assignee: short('a', textOption),
      metadata: textOption,
      parent: textOption,
      claim: flagOption,
      hold: flagOption,
      release: flagOption,
    },
    calls: update,
  },
  close: {
    usage: '<id>… [--reason <text>]',
    what: 'Close beads that need no work any more. The bead on your hook ends with gt done.',
    words: [1, 20],
    options: { reason: short('r', textOption) },
    calls: (given) => given.words.flatMap((id) => call('gt_bead_close', { bead_id: id, reason: given.text('reason') })),
  },
  delete: {
    usage: '<id> [--force]',
    what: 'Remove a bead and its children for good (the Mayor only).',
    words: [1, 1],
    options: { force: short('f', flagOption) },
    calls: (given) => call('gt_bead_delete', { bead_id: word(given), force: given.flag('force') ? true : undefined }),
  },
  'dep add': {
    usage: '<id> <id it waits for> [--type <type>] [--gate <all|any>]',
    what: 'Let a bead wait for another one (the Mayor only).',
    words: [2, 2],
    options: { type: short('t', textOption), gate: textOption },
    calls: (given) =>
      call('gt_bead_add_dependency', {
        bead_id: word(given),
        depends_on: word(given, 1),
        type: given.text('type'),
        gate: given.text('gate'),
      }),
  },
  'dep remove': {
    usage: '<id> <id it waits for> [--type <type>]',
    what: 'Let a bead not wait for another one any more (the Mayor only).',
    words: [2, 2],
    options: { type: short('t', textOption) },
    calls: (given) => call('gt_bead_remove_dependency', { bead_id: word(given), depends_on: word(given, 1), type: given.text('type') }),
  },
  comments: {
    usage: '<id>',
    what: 'What happened to a bead and what was said about it: its newest events.',
    words: [1, 1],
    calls: (given) => call('gt_bead_status', { bead_id: word(given) }),
  },
  'comments add': {
    usage: '',
    what: 'Comments are written by people. Says what agents use instead.',
    words: [0, 100],
    calls: () => {
      throw new UsageError(
        'Comments are written by people. For where you are use gt checkpoint, for those who work on the files next gt note, for anybody else gt mail send.',
      );
    },
  },
  search,
  prime: { usage: '', what: 'Who you are, what is on your hook, and your mail.', calls: () => call('gt_prime') },
};
