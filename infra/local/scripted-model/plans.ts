// The convoys that the scripted Mayor knows how to cut: three tasks each, the third built on the first. Real code with real tests.
import { blockText, directive } from './scenario.ts';
import type { FileBlock, Scenario } from './scenario.ts';

export interface PlannedTask {
  readonly title: string;
  readonly body: string;
  readonly dependsOn: readonly number[];
}
export interface ConvoyPlan {
  readonly title: string;
  readonly tasks: readonly PlannedTask[];
}
/** What a look at the repository showed. */
export interface RepositoryFacts {
  readonly javascript: boolean;
  readonly modules: boolean;
  readonly files: ReadonlySet<string>;
}

interface Unit {
  readonly file: string;
  readonly title: string;
  readonly what: string;
  readonly code: string;
  readonly test: string;
  readonly uses?: readonly string[];
}
interface Topic {
  readonly words: RegExp;
  readonly title: string;
  readonly units: readonly [Unit, Unit, Unit];
}

const unit = (file: string, name: string, what: string, code: string, checks: readonly string[], uses: readonly string[] = []): Unit => ({
  file,
  title: `Add ${name}`,
  what,
  uses,
  code: `${code}\n`,
  test: `test('${name}: ${what.toLowerCase().replaceAll("'", '')}', () => {\n${checks.map((check) => `  ${check}`).join('\n')}\n});\n`,
});

const topics: readonly Topic[] = [
  {
    words: /string|text|word|title/i,
    title: 'String functions',
    units: [
      unit(
        'capitalise',
        'capitalise',
        'Upper-cases the first letter and leaves the rest',
        '/** Upper-cases the first letter and leaves the rest. */\nexport const capitalise = (text) => text.charAt(0).toUpperCase() + text.slice(1);',
        ["assert.equal(capitalise('hello world'), 'Hello world');", "assert.equal(capitalise(''), '');"],
      ),
      unit(
        'truncate',
        'truncate',
        'Cuts text to a length, with an ellipsis',
        '/** At most `length` characters; a cut ends with an ellipsis. */\nexport const truncate = (text, length) => (text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1))}…`);',
        ["assert.equal(truncate('abcdef', 4), 'abc…');", "assert.equal(truncate('abc', 4), 'abc');"],
      ),
      unit(
        'headline',
        'headline',
        'Capitalises every word',
        "/** Every word capitalised, single spaces between them. */\nexport const headline = (text) => text.trim().split(/\\s+/).map(capitalise).join(' ');",
        ["assert.equal(headline('  the  quick fox '), 'The Quick Fox');"],
        ['capitalise'],
      ),
    ],
  },
  {
    words: /number|statist|mean|math|sum/i,
    title: 'Number functions',
    units: [
      unit(
        'sum',
        'sum',
        'Adds up a list of numbers',
        '/** Sum of the numbers; 0 for none. */\nexport const sum = (numbers) => numbers.reduce((total, each) => total + each, 0);',
        ['assert.equal(sum([1, 2, 3]), 6);', 'assert.equal(sum([]), 0);'],
      ),
      unit(
        'clamp',
        'clamp',
        'Keeps a number within bounds',
        '/** The number, but not below `low` and not above `high`. */\nexport const clamp = (value, low, high) => Math.min(high, Math.max(low, value));',
        ['assert.equal(clamp(5, 0, 3), 3);', 'assert.equal(clamp(-1, 0, 3), 0);'],
      ),
      unit(
        'mean',
        'mean',
        'Averages a list of numbers',
        '/** Mean of the numbers; undefined for none. */\nexport const mean = (numbers) => (numbers.length === 0 ? undefined : sum(numbers) / numbers.length);',
        ['assert.equal(mean([1, 2, 3]), 2);', 'assert.equal(mean([]), undefined);'],
        ['sum'],
      ),
    ],
  },
  {
    words: /list|array|collection/i,
    title: 'List functions',
    units: [
      unit(
        'unique',
        'unique',
        'Drops repeated items',
        '/** Each item once, in the order of its first appearance. */\nexport const unique = (items) => [...new Set(items)];',
        ['assert.deepEqual(unique([1, 2, 1]), [1, 2]);'],
      ),
      unit(
        'chunk',
        'chunk',
        'Cuts a list into pieces',
        '/** Pieces of at most `size` items. */\nexport const chunk = (items, size) =>\n  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));',
        ['assert.deepEqual(chunk([1, 2, 3], 2), [[1, 2], [3]]);'],
      ),
      unit(
        'union',
        'union',
        'Joins lists without repeats',
        '/** Items of both lists, each once. */\nexport const union = (one, other) => unique([...one, ...other]);',
        ['assert.deepEqual(union([1, 2], [2, 3]), [1, 2, 3]);'],
        ['unique'],
      ),
    ],
  },
];

const numbered = (tail: string): Topic => ({
  words: /./,
  title: `Constants of request ${tail}`,
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

const exportOf = (each: Unit): string => each.title.replace(/^Add /, '');
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

const topicFor = (request: string, facts: RepositoryFacts, tail: string): Topic => {
  const fresh = (topic: Topic): boolean =>
    !topic.units.some(
      (each) => facts.files.has(`${each.file}.js`) || facts.files.has(`${each.file}.mjs`) || facts.files.has(`${each.file}.md`),
    );
  return topics.find((topic) => topic.words.test(request) && fresh(topic)) ?? topics.find(fresh) ?? numbered(tail);
};

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

/** Three tasks for a request; the third depends on the first. `tail` makes names unique when the repository has everything already. */
export const planFor = (request: string, wanted: ReadonlySet<Scenario>, facts: RepositoryFacts, tail: string): ConvoyPlan => {
  const topic = topicFor(request, facts, tail);
  const extension = facts.modules ? '.js' : '.mjs';
  const tasks = topic.units.map((each, index): PlannedTask => {
    const scenario = scenarioOf(wanted, index);
    const own = blocksOf(each, topic.units, extension);
    const blocks = wanted.has('conflict') ? withConflict(own, each, index, extension) : own;
    return {
      title: facts.javascript ? each.title : `Describe ${exportOf(each)}`,
      body: facts.javascript ? codeBody(each, blocks, scenario) : noteBody(each, scenario),
      dependsOn: index === 2 ? [0] : [],
    };
  });
  return { title: topic.title, tasks: wanted.has('single') ? tasks.slice(0, 1) : tasks };
};
