// The scripted Mayor on the sample repository with the town's real tools: what it answers, what it slings, and that it slings nothing twice.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bead } from '../../functions/contracts/bead.schema.ts';
import { createClaims } from '../../infra/local/scripted-model/claims.ts';
import { convoyFor, startable } from '../../infra/local/scripted-model/plans.ts';
import { makeSampleRepository } from '../../infra/local/scripted-model/sample-repository.ts';
import { fileBlocksIn } from '../../infra/local/scripted-model/scenario.ts';
import { startScriptedModel } from '../../infra/local/scripted-model/server.ts';
import type { ScriptedModel } from '../../infra/local/scripted-model/server.ts';
import { topics } from '../../infra/local/scripted-model/topics.ts';
import { git, takeTurn } from './scripted-client.ts';
import type { Turn } from './scripted-client.ts';
import { aMessage, aRig, anAgent, anIssue, rigId, townId, townWith } from './town.ts';

const library = { javascript: true, modules: true, files: new Set<string>(), underWay: new Set<string>() };
const stringTopic = topics[0] ?? expect.fail();

describe('the scripted Mayor', { timeout: 60_000 }, () => {
  let model: ScriptedModel;
  let folder: string;
  let sample: string;
  let foreign: string;
  let count = 0;
  beforeAll(async () => {
    model = await startScriptedModel();
    folder = await mkdtemp(join(tmpdir(), 'scripted-mayor-'));
    await makeSampleRepository(join(folder, 'sample.git'));
    sample = join(folder, 'sample-copies');
    foreign = join(folder, 'foreign-copies');
    await git(folder, 'clone', '-q', join(folder, 'sample.git'), join(sample, 'library'));
    await git(folder, 'init', '-q', join(foreign, 'library'));
    await writeFile(join(foreign, 'library', 'Makefile'), 'all:\n');
  });
  afterAll(async () => {
    await model.stop();
    await rm(folder, { recursive: true, force: true });
  });

  interface Told {
    readonly turn: Turn;
    readonly convoys: readonly string[];
    readonly titles: readonly string[];
  }
  /** One message in a town of its own, so that claims of other tests do not reach it. */
  const tell = async (text: string, options: { beads?: readonly Bead[]; copies?: string } = {}): Promise<Told> => {
    count += 1;
    const { hookBeadId: _hook, slot: _slot, ...mayor } = anAgent({ agentId: 'mayor', name: 'Mayor', role: 'mayor', epoch: 1 });
    const ports = await townWith({
      agents: [mayor],
      rigs: [aRig()],
      beads: options.beads ?? [],
      messages: [aMessage({ text, messageId: `01JD5N0000000000000000M${String(count).padStart(3, '0')}` })],
    });
    const fresh = await startScriptedModel();
    try {
      const turn = await takeTurn({ ports, modelUrl: fresh.url, agentId: 'mayor', cwd: options.copies ?? sample });
      const known = new Set((options.beads ?? []).map((bead) => bead.beadId));
      const titlesOf = async (type: 'convoy' | 'issue'): Promise<string[]> =>
        (await ports.store.beadsBy({ townId, type, status: 'open' }, { limit: 50 })).items
          .filter((bead) => !known.has(bead.beadId))
          .map((bead) => bead.title);
      return { turn, convoys: await titlesOf('convoy'), titles: await titlesOf('issue') };
    } finally {
      await fresh.stop();
    }
  };
  const aBead = (title: string, status: Bead['status']): Bead =>
    anIssue(
      {},
      {
        beadId: `lib-${title.toLowerCase().replaceAll(/\W+/g, '')}`,
        title,
        status,
        ...(status === 'failed' ? { failure: { code: 'given_up', message: 'No need.', source: 'user:ada' } } : {}),
      },
    );

  it.each([
    ['What can you do for me?', ['script without a model', 'Settings → Model', '“Add a few string functions, with tests.”']],
    [
      'What does the function in src do, and how many files are there?',
      ['7 files in `library`:', '`src/is-blank.js`: True for text', 'only a script'],
    ],
    [
      'Look at the repository and suggest three small improvements.',
      ['String functions (capitalise, truncate and headline)', 'Number', 'List'],
    ],
    ['Add tests where they are missing.', ['Each file with a function in `src` (1) has its test', 'I start nothing']],
    ['How do things stand?', ['All quiet']],
    ['Why is the sky blue?', ['I cannot answer that', 'Settings → Model']],
    ['Hello!', ['At your service']],
    ['Füge bitte ein paar String-Funktionen hinzu.', ['did not understand', 'English', '“Add a few string functions, with tests.”']],
    ['请添加一些字符串函数。', ['did not understand', 'I started no work']],
  ])('answers and slings nothing: %s', async (text, parts) => {
    const { turn, convoys } = await tell(text);
    for (const part of parts) expect(turn.text).toContain(part);
    expect(turn.tools).not.toContain('gt_sling_batch');
    expect(convoys).toEqual([]);
  });
  it('answers a document and slings nothing', async () => {
    const { turn, convoys } = await tell('Add a list of words. '.repeat(1400));
    expect(turn.text).toContain('longer than I can follow');
    expect(convoys).toEqual([]);
  });
  it.each([
    ['Please add a few string functions to the library, with tests.', 'String functions'],
    ['Giraffe: add a date function', 'Date functions'],
    ['Can you add something for lists?', 'List functions'],
    ['[scenario: conflict] Whatever you like.', 'String functions'],
  ])('slings three beads for “%s”', async (text, title) => {
    const { convoys, titles } = await tell(text);
    expect(convoys).toEqual([title]);
    expect(titles).toHaveLength(3);
  });
  it('says which part of a request it does not take', async () => {
    expect((await tell('Add string and number functions.')).turn.text).toContain('say “Add a few number functions, with tests.”');
  });
  it('takes the functions of a topic that nobody has begun', async () => {
    const { titles, turn } = await tell('Add number functions.', { beads: [aBead('Add sum', 'in_progress')] });
    expect(titles).toEqual(['Add clamp']);
    expect(turn.text).toContain('one bead');
  });
  it('slings nothing when all of it is on its way, and names another topic', async () => {
    const beads = [aBead('Add sum', 'in_review'), aBead('Add clamp', 'in_progress'), aBead('Add mean', 'open')];
    const { convoys, turn } = await tell('Add number functions.', { beads });
    expect(convoys).toEqual([]);
    expect(turn.text).toContain('on its way (lib-addsum, in review)');
    expect(turn.text).toContain('“Add a few string functions, with tests.”');
  });
  it('begins again what failed', async () => {
    const beads = [aBead('Add sum', 'failed'), aBead('Add clamp', 'in_progress'), aBead('Add mean', 'failed')];
    expect((await tell('Add number functions.', { beads })).titles.toSorted()).toEqual(['Add mean', 'Add sum']);
  });
  it('says how the work stands', async () => {
    const { turn } = await tell('How far is the work?', { beads: [aBead('Add sum', 'in_review')] });
    expect(turn.text).toContain('lib-addsum Add sum: in review');
  });
  it('works on a foreign repository whatever the words are, but answers questions there too', async () => {
    expect((await tell('Bitte einen Abschnitt über Installation.', { copies: foreign })).titles).toHaveLength(3);
    expect((await tell('Add date functions.', { copies: foreign })).titles).toContain('Describe isoDay');
    const { turn, convoys } = await tell('What can you do?', { copies: foreign });
    expect(turn.text).toContain('not the demo');
    expect(convoys).toEqual([]);
  });
  it('leaves to another request what that is slinging at this moment', async () => {
    const { hookBeadId: _hook, slot: _slot, ...mayor } = anAgent({ agentId: 'mayor', name: 'Mayor', role: 'mayor', epoch: 1 });
    const told = async (messageId: string): Promise<Turn> => {
      const ports = await townWith({ agents: [mayor], messages: [aMessage({ text: 'Add string functions.', messageId })] });
      return takeTurn({ ports, modelUrl: model.url, agentId: 'mayor', cwd: sample });
    };
    // Two towns, so that neither sees the other's beads: what is left is what the script remembers.
    expect((await told('01JD5N0000000000000000MSG1')).text).toContain('is on its way\nI cut');
    expect((await told('01JD5N0000000000000000MSG2')).text).toContain('That is on its way already');
  });
});

describe('claims of requests', () => {
  it('bind other requests in the same rig, for a minute', () => {
    let nowMs = 0;
    const claims = createClaims(() => nowMs);
    claims.hold(rigId, 'one', ['Add sum']);
    expect([claims.others(rigId, 'two'), claims.others(rigId, 'one'), claims.others('r-other', 'two')].map((held) => held.size)).toEqual([
      1, 0, 0,
    ]);
    nowMs = 60_000;
    expect(claims.others(rigId, 'two').size).toBe(0);
  });
});

describe('the plan of a topic', () => {
  it('leaves out what the repository has, under each of its names', () => {
    for (const path of ['src/capitalise.js', 'src/capitalise.mjs', 'docs/capitalise.md'])
      expect(startable(stringTopic, { ...library, files: new Set([path]) }).map((each) => each.file)).toEqual(['truncate', 'headline']);
    expect(startable(stringTopic, { ...library, files: new Set(['test/capitalise.js']) })).toHaveLength(3);
  });
  it('lets a function wait while the one that it builds on is under way', () => {
    const plan = convoyFor(stringTopic, new Set(), { ...library, underWay: new Set(['Add capitalise']) });
    expect(plan.tasks.map((task) => task.title)).toEqual(['Add truncate']);
  });
  it.each(topics.map((topic) => [topic.title, topic] as const))(
    '%s: three tasks, one after another of them, with green tests',
    async (_title, topic) => {
      const { tasks } = convoyFor(topic, new Set(), library);
      expect(tasks.map((task) => task.dependsOn)).toEqual([[], [], [0]]);
      const folder = await mkdtemp(join(tmpdir(), 'scripted-topic-'));
      try {
        for (const name of ['src', 'test']) await mkdir(join(folder, name));
        await writeFile(join(folder, 'package.json'), '{"type":"module"}');
        for (const block of tasks.flatMap((task) => fileBlocksIn(task.body))) await writeFile(join(folder, block.path), block.text);
        const report = await new Promise<string>((resolve) => {
          execFile(process.execPath, ['--test'], { cwd: folder }, (_error, output) => resolve(output));
        });
        expect(report).toMatch(/pass 3\n(?:.*\n)*?.*fail 0/);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  );
});
