// What the scripted Mayor knows: topics with functions of a library each, real code with real tests. The last function of a topic builds on another.

export interface Unit {
  readonly file: string;
  readonly title: string;
  readonly what: string;
  readonly code: string;
  readonly test: string;
  readonly uses?: readonly string[];
}
export interface Topic {
  /** Whole words that name the topic, in lower case. */
  readonly words: RegExp;
  readonly title: string;
  /** What its functions are for, as in "functions for strings". */
  readonly about: string;
  readonly units: readonly [Unit, Unit, Unit];
}

export const unit = (
  file: string,
  name: string,
  what: string,
  code: string,
  checks: readonly string[],
  uses: readonly string[] = [],
): Unit => ({
  file,
  title: `Add ${name}`,
  what,
  uses,
  code: `${code}\n`,
  test: `test('${name}: ${what.toLowerCase().replaceAll("'", '')}', () => {\n${checks.map((check) => `  ${check}`).join('\n')}\n});\n`,
});

export const topics: readonly Topic[] = [
  {
    words: /\b(?:strings?|texts?|words?|titles?|headlines?|letters?|characters?|capitali[sz]\w*|(?:upper|lower)[ -]?case|truncat\w*)\b/gi,
    title: 'String functions',
    about: 'strings',
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
    words:
      /\b(?:numbers?|numeric\w*|statistics?|statistical|stats|maths?|mathematic\w*|arithmetics?|sums?|averages?|clamp\w*|calculat\w*|(?<!\b(?:i|you|we|it|that|they) )mean)\b/gi,
    title: 'Number functions',
    about: 'numbers',
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
    words: /\b(?:lists?|arrays?|collections?|chunk\w*|duplicates?|unique|union)\b/gi,
    title: 'List functions',
    about: 'lists',
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
  {
    words: /\b(?:dates?|times?|days?|weekdays?|weeks?|months?|years?|calendars?)\b/gi,
    title: 'Date functions',
    about: 'dates',
    units: [
      unit(
        'is-leap-year',
        'isLeapYear',
        'Tells whether a year has a 29 February',
        '/** True for a year with a 29 February (Gregorian calendar). */\nexport const isLeapYear = (year) => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;',
        ['assert.equal(isLeapYear(2024), true);', 'assert.equal(isLeapYear(2100), false);', 'assert.equal(isLeapYear(2000), true);'],
      ),
      unit(
        'iso-day',
        'isoDay',
        'Writes the day of a date as YYYY-MM-DD',
        '/** The day of a date in UTC, as YYYY-MM-DD. */\nexport const isoDay = (date) => date.toISOString().slice(0, 10);',
        ["assert.equal(isoDay(new Date('2026-03-01T23:00:00Z')), '2026-03-01');"],
      ),
      unit(
        'days-in-month',
        'daysInMonth',
        'Counts the days of a month',
        '/** Days of a month; `month` is 1 to 12. */\nexport const daysInMonth = (year, month) => (month === 2 ? (isLeapYear(year) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31);',
        ['assert.equal(daysInMonth(2024, 2), 29);', 'assert.equal(daysInMonth(2023, 2), 28);', 'assert.equal(daysInMonth(2023, 4), 30);'],
        ['isLeapYear'],
      ),
    ],
  },
  {
    words: /\b(?:objects?|keys?|propert(?:y|ies)|records?|dictionar(?:y|ies)|maps?|pick|omit)\b/gi,
    title: 'Object functions',
    about: 'objects',
    units: [
      unit(
        'pick',
        'pick',
        'Keeps some keys of an object',
        '/** A copy with these keys only; keys that the object does not have are left out. */\nexport const pick = (object, keys) => Object.fromEntries(keys.filter((key) => Object.hasOwn(object, key)).map((key) => [key, object[key]]));',
        ["assert.deepEqual(pick({ a: 1, b: 2 }, ['a', 'c']), { a: 1 });"],
      ),
      unit(
        'map-values',
        'mapValues',
        'Changes each value of an object',
        '/** A copy with every value changed and the keys as they were. */\nexport const mapValues = (object, change) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));',
        ['assert.deepEqual(mapValues({ a: 1, b: 2 }, (value) => value * 10), { a: 10, b: 20 });'],
      ),
      unit(
        'omit',
        'omit',
        'Leaves some keys of an object out',
        '/** A copy without these keys. */\nexport const omit = (object, keys) =>\n  pick(\n    object,\n    Object.keys(object).filter((key) => !keys.includes(key)),\n  );',
        ["assert.deepEqual(omit({ a: 1, b: 2 }, ['a']), { b: 2 });"],
        ['pick'],
      ),
    ],
  },
  {
    words: /\b(?:validat\w*|e-?mails?|urls?|predicates?)\b/gi,
    title: 'Validation functions',
    about: 'validation',
    units: [
      unit(
        'is-email',
        'isEmail',
        'Tells whether text looks like an e-mail address',
        '/** True for text of the form name@host.domain; whether mail arrives there is another question. */\nexport const isEmail = (text) => /^[^\\s@]+@[^\\s@]+\\.[^\\s@]+$/.test(text);',
        ["assert.equal(isEmail('ada@example.com'), true);", "assert.equal(isEmail('ada at example'), false);"],
      ),
      unit(
        'is-web-address',
        'isWebAddress',
        'Tells whether text is a web address',
        '/** True for an absolute address of http or https. */\nexport const isWebAddress = (text) => /^https?:/i.test(text) && URL.canParse(text);',
        ["assert.equal(isWebAddress('https://example.com/a'), true);", "assert.equal(isWebAddress('example'), false);"],
      ),
      unit(
        'is-contact',
        'isContact',
        'Tells whether text is a way to reach somebody',
        "/** True for an e-mail address, with or without `mailto:` in front. */\nexport const isContact = (text) => isEmail(text.replace(/^mailto:/i, ''));",
        ["assert.equal(isContact('mailto:ada@example.com'), true);", "assert.equal(isContact('nobody'), false);"],
        ['isEmail'],
      ),
    ],
  },
];

/** Name of the export. */
export const exportOf = (each: Unit): string => each.title.replace(/^Add /, '');

/** Topics that a text names: the one with the most words first, and of two with as many the one that is named first. */
export const topicsIn = (text: string): Topic[] =>
  topics
    .map((topic) => {
      const found = [...text.matchAll(topic.words)];
      return { topic, count: found.length, first: found[0]?.index ?? 0 };
    })
    .filter(({ count }) => count > 0)
    .toSorted((one, other) => other.count - one.count || one.first - other.first)
    .map(({ topic }) => topic);

/** A request for this topic that this script understands. */
export const exampleOf = (topic: Topic): string => `Add a few ${topic.title.toLowerCase()}, with tests.`;
