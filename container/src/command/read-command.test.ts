import { describe, expect, it } from 'vitest';
import { tools } from '../../../functions/contracts/tools.schema.ts';
import { readCommand } from './read-command.ts';
import type { Program } from './read-command.ts';
import type { Surroundings } from './verb.ts';

const around = (role: string): Surroundings => ({
  role,
  git: (name) => (name === 'log' ? 'Say hello' : 'gt/toast/web-1a2b'),
  stdin: () => 'from stdin',
});
/** Words of a line; a text with spaces is in quotes. */
const wordsOf = (line: string): string[] => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '');
const read = (line: string, role = 'polecat') => {
  const [program, ...argv] = wordsOf(line);
  return readCommand(program as Program, argv, around(role));
};
/** Role, line, and the calls it stands for. */
const lines: readonly (readonly [role: keyof typeof roles, line: string, ...calls: readonly (readonly [tool: string, args: object])[]])[] =
  [
    ['mayor', 'bd ready', ['gt_list_beads', { status: 'open', limit: 50 }]],
    ['polecat', 'bd ready', ['gt_prime', {}]],
    ['mayor', 'bd --json list -s open -n 5 --rig r-test0001', ['gt_list_beads', { status: 'open', limit: 5, rig_id: 'r-test0001' }]],
    ['mayor', 'bd blocked', ['gt_list_beads', { status: 'open', limit: 50 }]],
    ['polecat', 'bd show web-1a2b web-2b3c', ['gt_bead_status', { bead_id: 'web-1a2b' }], ['gt_bead_status', { bead_id: 'web-2b3c' }]],
    ['polecat', 'bd show web-1a2b --body-from 0', ['gt_bead_status', { bead_id: 'web-1a2b', body_from: 0 }]],
    [
      'polecat',
      'bd create "Repair it" -d "It is broken" -t bug -p 1 -l one,two --deps discovered-from:web-1a2b',
      ['gt_bead_create', { title: 'Repair it', body: 'It is broken', issue_type: 'bug', priority: 'high', labels: ['one', 'two'] }],
    ],
    ['polecat', 'bd create --title "Repair it" --stdin', ['gt_bead_create', { title: 'Repair it', body: 'from stdin' }]],
    [
      'mayor',
      'bd create "Repair it" --rig r-test0001 -p P4 --deps web-1a2b,related:web-2b3c --parent web-3c4d',
      [
        'gt_sling',
        {
          title: 'Repair it',
          body: '',
          rig_id: 'r-test0001',
          priority: 'low',
          depends_on: ['web-1a2b'],
          dependencies: [{ bead_id: 'web-2b3c', type: 'related' }],
          parent_id: 'web-3c4d',
        },
      ],
    ],
    [
      'mayor',
      'bd update web-1a2b --title New -p critical --release --metadata "{}" -a anybody',
      ['gt_bead_update', { bead_id: 'web-1a2b', title: 'New', priority: 'critical', held: false, metadata: '{}' }],
      ['gt_bead_reassign', { bead_id: 'web-1a2b', agent: 'anybody' }],
    ],
    ['crew', 'bd update web-1a2b --status in_progress', ['gt_bead_claim', { bead_id: 'web-1a2b' }]],
    ['crew', 'bd update web-1a2b --claim', ['gt_bead_claim', { bead_id: 'web-1a2b' }]],
    [
      'polecat',
      'bd close web-1a2b web-2b3c --reason "not needed"',
      ['gt_bead_close', { bead_id: 'web-1a2b', reason: 'not needed' }],
      ['gt_bead_close', { bead_id: 'web-2b3c', reason: 'not needed' }],
    ],
    ['mayor', 'bd delete web-1a2b --force', ['gt_bead_delete', { bead_id: 'web-1a2b', force: true }]],
    ['mayor', 'bd dep add web-1a2b web-2b3c', ['gt_bead_add_dependency', { bead_id: 'web-1a2b', depends_on: 'web-2b3c' }]],
    [
      'mayor',
      'bd dep add web-1a2b web-2b3c --type waits-for --gate all',
      ['gt_bead_add_dependency', { bead_id: 'web-1a2b', depends_on: 'web-2b3c', type: 'waits-for', gate: 'all' }],
    ],
    ['mayor', 'bd dep remove web-1a2b web-2b3c', ['gt_bead_remove_dependency', { bead_id: 'web-1a2b', depends_on: 'web-2b3c' }]],
    ['refinery', 'bd comments web-1a2b', ['gt_bead_status', { bead_id: 'web-1a2b' }]],
    ['polecat', 'bd search login page --path src/app.ts', ['gt_search', { query: 'login page', path: 'src/app.ts' }]],
    ['polecat', 'bd prime', ['gt_prime', {}]],
    ['polecat', 'gt prime', ['gt_prime', {}]],
    ['polecat', 'gt hook', ['gt_prime', {}]],
    ['polecat', 'gt done', ['gt_done', { branch: 'gt/toast/web-1a2b', summary: 'Say hello' }]],
    ['polecat', 'gt done -m "Said hello" --branch other', ['gt_done', { branch: 'other', summary: 'Said hello' }]],
    ['polecat', 'gt checkpoint tests are written', ['gt_checkpoint', { note: 'tests are written' }]],
    [
      'polecat',
      'gt mail send mayor/ -s Question -m "Which one?"',
      ['gt_mail_send', { to: 'mayor', subject: 'Question', body: 'Which one?' }],
    ],
    [
      'polecat',
      'gt mail send role:mayor -s Question --stdin --reply-to web-9z9z --thread t1',
      ['gt_mail_send', { to: 'role:mayor', subject: 'Question', body: 'from stdin', reply_to: 'web-9z9z', thread: 't1' }],
    ],
    ['polecat', 'gt mail inbox', ['gt_mail_check', {}]],
    ['polecat', 'gt mail check --queue polecat', ['gt_mail_check', { queue: 'polecat' }]],
    ['polecat', 'gt mail read web-1a2b', ['gt_bead_status', { bead_id: 'web-1a2b' }]],
    ['polecat', 'gt nudge maple look at this --mode queue', ['gt_nudge', { agent: 'maple', message: 'look at this', mode: 'queue' }]],
    [
      'polecat',
      'gt escalate "No access" -s HIGH',
      ['gt_escalate', { severity: 'high', category: 'help', title: 'No access', message: 'No access' }],
    ],
    ['mayor', 'gt escalate ack web-1a2b -m "on it"', ['gt_escalation_acknowledge', { escalation_id: 'web-1a2b', note: 'on it' }]],
    ['polecat', 'gt mol current', ['gt_mol_current', {}]],
    ['polecat', 'gt mol status', ['gt_mol_current', {}]],
    ['polecat', 'gt mol advance s1 --outcome skipped --note why', ['gt_mol_advance', { step: 's1', outcome: 'skipped', note: 'why' }]],
    ['polecat', 'gt mol step done s1 --loop-done true', ['gt_mol_advance', { step: 's1', loop_done: true }]],
    ['polecat', 'gt note src/app.ts src/billing/ -m "Careful"', ['gt_note', { paths: ['src/app.ts', 'src/billing/'], text: 'Careful' }]],
    ['polecat', 'gt search login', ['gt_search', { query: 'login' }]],
    ['mayor', 'gt convoy list --status open', ['gt_list_convoys', { status: 'open' }]],
    ['mayor', 'gt convoy status web-1a2b', ['gt_convoy_status', { convoy_id: 'web-1a2b' }]],
    ['mayor', 'gt agents', ['gt_list_agents', {}]],
    ['mayor', 'gt rig list', ['gt_list_rigs', {}]],
  ];
const roles = { mayor: true, polecat: true, refinery: true, crew: true } as const;

describe('a line in the shell of an agent', () => {
  it.each(lines.map(([role, line, ...calls]) => ({ role, line, calls })))('of the $role: $line', ({ role, line, calls }) => {
    const command = read(line, role);
    const made = command.kind === 'calls' ? command.calls : [];
    // As JSON: what was not given is not sent.
    expect(JSON.parse(JSON.stringify(made.map(({ tool, args }) => [tool, args])))).toEqual(calls);
    for (const { tool, args } of made) {
      expect(tools[tool].roles).toContain(role);
      expect(tools[tool].input.safeParse(JSON.parse(JSON.stringify(args))).error).toBeUndefined();
    }
  });

  it.each([
    ['bd fly', /bd has no verb fly\. It has: ready, list,/],
    ['bd dep', /bd has no verb dep\. It has: dep add, dep remove\.$/],
    ['bd mail send', /bd has no verb mail\. There is gt mail\./],
    ['bd close', /Something is missing\.\nUsage: bd close <id>/],
    ['bd close web-1a2b --colour red', /--colour[\s\S]*Usage: bd close/],
    ['bd show web-1a2b --body-from soon', /--body-from is a whole number, not soon/],
    ['bd create', /Say the title/],
    ['bd create "Repair it" --rig r-test0001', /--rig is the Mayor's to decide/],
    ['bd update web-1a2b', /Say what changes/],
    ['bd update web-1a2b --status open', /does not become open by hand/],
    ['bd comments add web-1a2b hello', /gt checkpoint.*gt note.*gt mail send/],
    ['gt mail send maple -m hello', /-s <subject>/],
    ['gt nudge maple', /Say something/],
    ['gt note src/app.ts', /Usage: gt note <path>/],
    ['gt escalate no access', /Too many words: access\. Put a text in quotes/],
    ['gt mol advance s1 --loop-done perhaps', /--loop-done is true or false/],
  ])('that does not fit says what to write: %s', (line, text) => {
    expect(read(line)).toMatchObject({ kind: 'wrong', json: false, text: expect.stringMatching(text) as string });
    expect(read(`${line} --json`)).toMatchObject({ kind: 'wrong', json: true });
  });

  it('asks the Mayor for the repository of new work', () => {
    expect(read('bd create "Repair it"', 'mayor')).toMatchObject({ kind: 'wrong', text: expect.stringContaining('gt rig list') as string });
  });

  it.each(['bd', 'bd --help', 'gt help', 'gt -h'])('that asks for help is told every verb: %s', (line) => {
    expect(read(line)).toMatchObject({
      kind: 'help',
      text: expect.stringMatching(/(dep add[\s\S]*search|mail send[\s\S]*mol advance)/) as string,
    });
  });
  it.each(['bd close --help', 'bd help close', 'bd close -h'])('that asks about a verb is told how to write it: %s', (line) => {
    expect(read(line)).toMatchObject({ kind: 'help', text: expect.stringMatching(/^bd close <id>… \[--reason <text>\]\n/) as string });
  });
});
