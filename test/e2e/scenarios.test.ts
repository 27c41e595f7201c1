// What happens when work is not good at once: each path ends merged, with the repair as a bead of its own.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeSampleRepository } from '../../infra/local/scripted-model/sample-repository.ts';
import type { Bead } from '../../functions/contracts/bead.schema.ts';
import { auditOf } from './audit.ts';
import { eventually, startLocalTown } from './local-town.ts';
import type { LocalTown } from './local-town.ts';
import { commitsOf, fileOf } from './repository.ts';

const limitMs = 240_000;
describe('work that is not good at once', () => {
  let town: LocalTown;
  let folder: string;
  let townId: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gastown-scenarios-'));
    town = await startLocalTown();
    townId = (await town.call('createTown', { body: { name: 'Scenarios' } })).townId;
  }, 120_000);
  afterEach(async () => {
    expect(await auditOf(town, townId)).toMatchObject({ violations: [] });
  });
  afterAll(async () => {
    await town.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  const rig = async (name: string): Promise<{ rigId: string; repository: string }> => {
    const repository = join(folder, `${name}.git`);
    const sample = await makeSampleRepository(repository);
    const { rigId } = await town.call('createRig', { params: { townId }, body: { name, gitUrl: repository, gates: [...sample.gates] } });
    return { rigId, repository };
  };
  const closed = (bead: Bead): Promise<Bead> =>
    eventually(
      `${bead.title} to be merged`,
      limitMs,
      async () => {
        const now = await town.call('getBead', { params: { townId, beadId: bead.beadId } });
        if (now.bead.status === 'failed') throw new Error(`it failed: ${now.bead.failure?.message ?? ''}`);
        return now.bead.status === 'closed' ? now.bead : undefined;
      },
      town.log,
    );
  const issues = async (kind: string): Promise<Bead[]> => {
    const page = await town.call('listBeads', { params: { townId }, query: { type: 'issue', limit: '100' } });
    return page.items.filter((bead) => bead.details.type === 'issue' && bead.details.kind === kind);
  };
  const sling = (rigId: string, title: string, body: string): Promise<Bead> =>
    town.call('sling', { params: { townId }, body: { rigId, title, body } });
  const mergesOf = (repository: string, bead: Bead): number =>
    commitsOf(repository, 'main').filter((commit) => commit.parents === 2 && commit.trailers['Bead-ID'] === bead.beadId).length;
  const source = (name: string, value: string): string =>
    `\`\`\`file path=src/${name}.js\nexport const ${name} = ${value};\n\`\`\`\n\n\`\`\`file path=test/${name}.test.js\nimport assert from 'node:assert/strict';\nimport { test } from 'node:test';\nimport { ${name} } from '../src/${name}.js';\n\ntest('${name}', () => { assert.ok(${name}); });\n\`\`\`\n`;

  it(
    'red gate → rework → merged',
    async () => {
      const { rigId, repository } = await rig('red');
      const bead = await sling(rigId, 'Add red', `[scenario: red-gate]\nAdd a constant.\n\n${source('red', '1')}`);
      await closed(bead);
      const rework = (await issues('rework')).filter((each) => each.rigId === rigId);
      expect(rework.map((each) => each.status)).toEqual(['closed']);
      expect(mergesOf(repository, bead)).toBe(1);
    },
    limitMs + 60_000,
  );

  it(
    'change request → rework → merged',
    async () => {
      const { rigId, repository } = await rig('change');
      const bead = await sling(rigId, 'Add change', `[scenario: change-request]\nAdd a constant.\n\n${source('change', '1')}`);
      await closed(bead);
      const rework = (await issues('rework')).filter((each) => each.rigId === rigId);
      expect(rework.map((each) => each.status)).toEqual(['closed']);
      expect(mergesOf(repository, bead)).toBe(1);
    },
    limitMs + 60_000,
  );

  it(
    'conflict → conflict bead → both merged',
    async () => {
      const { rigId, repository } = await rig('conflict');
      const edit = (word: string): string =>
        `[scenario: conflict]\nSay ${word} in the notes.\n\n\`\`\`file path=NOTES.md\n# Notes\n\nThe word is ${word}.\n\`\`\`\n`;
      const view = await town.call('slingBatch', {
        params: { townId },
        body: {
          title: 'Two edits of one line',
          rigId,
          mergeMode: 'review-and-merge',
          parallel: true,
          tasks: [
            { title: 'Say ash', body: edit('ash') },
            { title: 'Say oak', body: edit('oak') },
          ],
        },
      });
      for (const { bead } of view.members) await closed(bead);
      const conflicts = (await issues('conflict')).filter((each) => each.rigId === rigId);
      expect(conflicts.map((each) => each.status)).toEqual(['closed']);
      const notes = fileOf(repository, 'main', 'NOTES.md');
      expect(notes).toContain('ash');
      expect(notes).toContain('oak');
      expect(notes).not.toContain('<<<<');
    },
    limitMs + 60_000,
  );

  it(
    'a convoy that lands as a whole: members build on each other on its branch, and one merge brings them to main',
    async () => {
      const { rigId, repository } = await rig('together');
      const view = await town.call('slingBatch', {
        params: { townId },
        body: {
          title: 'Two constants',
          rigId,
          mergeMode: 'review-then-land',
          tasks: [
            { title: 'Add one', body: `Add a constant.\n\n${source('one', '1')}` },
            { title: 'Add two', body: `Add a constant.\n\n${source('two', '2')}`, dependsOn: [0] },
          ],
        },
      });
      const convoy = await closed(view.convoy);
      const feature = `convoy/two-constants/${convoy.beadId}/head`;
      for (const { bead } of view.members) expect(mergesOf(repository, bead)).toBe(1);
      const onMain = commitsOf(repository, 'main');
      expect(onMain.filter((commit) => commit.trailers['Convoy-ID'] === convoy.beadId)).toHaveLength(1);
      expect(fileOf(repository, 'main', 'src/one.js')).toContain('1');
      expect(fileOf(repository, 'main', 'src/two.js')).toContain('2');
      const branches = view.members.map(async ({ bead }) => (await closed(bead)).details);
      expect(await Promise.all(branches)).toMatchObject([{ targetBranch: feature }, { targetBranch: feature }]);
    },
    limitMs + 60_000,
  );

  it(
    'a polecat that says done without pushing is told so and does not pass',
    async () => {
      const { rigId, repository } = await rig('unpushed');
      const bead = await sling(rigId, 'Add unpushed', `[scenario: done-without-push]\nAdd a constant.\n\n${source('unpushed', '1')}`);
      const merged = await closed(bead);
      expect(mergesOf(repository, bead)).toBe(1);
      const agentId = merged.assigneeAgentId ?? '';
      const session = await town.call('agentSession', { params: { townId, agentId }, query: { beadId: bead.beadId, limit: '100' } });
      const answers = session.items
        .flatMap((batch) => batch.parts)
        .flatMap((part) => (part.tool?.name.includes('gt_done') === true ? [part.tool.output] : []));
      expect(answers.length).toBeGreaterThanOrEqual(2);
      expect(answers[0]).toMatch(/push/i);
    },
    limitMs + 60_000,
  );
});
