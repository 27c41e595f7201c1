// Cuts a topic into a convoy of tasks, leaving out what is there already or under way. Pure.
import { blockText, directive } from './scenario.ts';
import type { FileBlock, Scenario } from './scenario.ts';
import { exportOf, topics, topicsIn, unit } from './topics.ts';
import type { Topic, Unit } from './topics.ts';

export interface PlannedTask {
  readonly title: string;
  readonly body: string;
  readonly dependsOn: readonly number[];
}
export interface ConvoyPlan {
  readonly title: string;
  readonly tasks: readonly PlannedTask[];
}
/** What a look at the repository and at the board showed. */
export interface RepositoryFacts {
  readonly javascript: boolean;
  readonly modules: boolean;
  /** Paths of the files at the top, in `src`, `test` and `docs`. */
  readonly files: ReadonlySet<string>;
  /** Titles of beads that are not merged yet, or have been just now. */
  readonly underWay: ReadonlySet<string>;
}
type UnitState = 'there' | 'under way' | 'missing';

const taskTitle = (each: Unit, facts: Pick<RepositoryFacts, 'javascript'>): string =>
  facts.javascript ? each.title : `Describe ${exportOf(each)}`;

export const stateOf = (each: Unit, facts: RepositoryFacts): UnitState => {
  const names = ['js', 'mjs', 'md'].map((ending) => `${each.file}.${ending}`);
  if (['', 'src/', 'docs/'].some((folder) => names.some((name) => facts.files.has(`${folder}${name}`)))) return 'there';
  return facts.underWay.has(taskTitle(each, facts)) ? 'under way' : 'missing';
};

/** Functions of a topic that can be started now. One that builds on a function under way waits until that is merged. */
export const startable = (topic: Topic, facts: RepositoryFacts): Unit[] => {
  const underWay = new Set(topic.units.filter((each) => stateOf(each, facts) === 'under way').map(exportOf));
  return topic.units.filter((each) => stateOf(each, facts) === 'missing' && !(each.uses ?? []).some((name) => underWay.has(name)));
};

const numbered = (tail: string): Topic => ({
  words: /\bconstants?\b/gi,
  title: `Constants of request ${tail}`,
  about: 'constants',
  units: [
    unit(`first-${tail}`, `first${tail}`, 'Is the first constant', `/** First constant. */\nexport const first${tail} = 1;`, [
      `assert.equal(first${tail}, 1);`,
    ]),
    unit(`second-${tail}`, `second${tail}`, 'Is the second constant', `/** Second constant. */\nexport const second${tail} = 2;`, [
      `assert.equal(second${tail}, 2);`,
    ]),
    unit(
      `third-${tail}`,
      `third${tail}`,
      'Builds on the first',
      `/** Twice the first constant. */\nexport const third${tail} = first${tail} * 2;`,
      [`assert.equal(third${tail}, 2);`],
      [`first${tail}`],
    ),
  ],
});

const blocksOf = (each: Unit, siblings: readonly Unit[], extension: string): FileBlock[] => {
  const imports = (each.uses ?? [])
    .map((name) => `import { ${name} } from './${siblings.find((sibling) => exportOf(sibling) === name)?.file ?? name}${extension}';\n`)
    .join('');
  return [
    { how: 'file', path: `src/${each.file}${extension}`, text: `${imports === '' ? '' : `${imports}\n`}${each.code}` },
    {
      how: 'file',
      path: `test/${each.file}.test${extension}`,
      text: `import assert from 'node:assert/strict';\nimport { test } from 'node:test';\nimport { ${exportOf(each)} } from '../src/${each.file}${extension}';\n\n${each.test}`,
    },
  ];
};

const codeBody = (each: Unit, blocks: readonly FileBlock[], scenario: string): string =>
  `${each.what}. Put it into \`${blocks[0]?.path ?? ''}\` with its test beside it; the gate must be green.\n\n${blocks.map(blockText).join('\n\n')}${scenario === '' ? '' : `\n\n${scenario}`}`;
const noteBody = (each: Unit, scenario: string): string =>
  `${each.what}: describe it in \`docs/${each.file}.md\`.\n\n${blockText({ how: 'file', path: `docs/${each.file}.md`, text: `# ${exportOf(each)}\n\n${each.what}.\n` })}${scenario === '' ? '' : `\n\n${scenario}`}`;

/** Scenarios that concern the whole convoy; the others happen to its first bead. */
const everywhere: ReadonlySet<Scenario> = new Set(['slow']);
const scenarioOf = (wanted: ReadonlySet<Scenario>, index: number): string =>
  directive([...wanted].filter((each) => each !== 'conflict' && each !== 'single' && (index === 0 || everywhere.has(each))));

/** Two of the tasks add a line at the same place of the same file. */
const withConflict = (blocks: FileBlock[], each: Unit, index: number, extension: string): FileBlock[] =>
  index < 2
    ? [
        ...blocks,
        { how: 'append', path: `src/index${extension}`, text: `export { ${exportOf(each)} } from './${each.file}${extension}';\n` },
      ]
    : blocks;

/** The functions of a topic that can be started, one task each; a function that builds on another of them depends on it. */
export const convoyFor = (topic: Topic, wanted: ReadonlySet<Scenario>, facts: RepositoryFacts): ConvoyPlan => {
  const extension = facts.modules ? '.js' : '.mjs';
  const units = startable(topic, facts);
  const tasks = units.map((each, index): PlannedTask => {
    const scenario = scenarioOf(wanted, index);
    const own = blocksOf(each, topic.units, extension);
    const blocks = wanted.has('conflict') ? withConflict(own, each, index, extension) : own;
    return {
      title: taskTitle(each, facts),
      body: facts.javascript ? codeBody(each, blocks, scenario) : noteBody(each, scenario),
      dependsOn: units.flatMap((other, at) => (each.uses?.includes(exportOf(other)) === true ? [at] : [])),
    };
  });
  return { title: topic.title, tasks: wanted.has('single') ? tasks.slice(0, 1) : tasks };
};

/**
 * A convoy whatever the request says: of a topic that it names, else of any that nobody has begun, else of numbered constants.
 * `tail` makes their names unique.
 */
export const planFor = (request: string, wanted: ReadonlySet<Scenario>, facts: RepositoryFacts, tail: string): ConvoyPlan => {
  const untouched = (topic: Topic): boolean => topic.units.every((each) => stateOf(each, facts) === 'missing');
  const topic = topicsIn(request).find(untouched) ?? topics.find(untouched) ?? numbered(tail);
  return convoyFor(topic, wanted, facts);
};
