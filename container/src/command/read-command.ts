// From a command line to tool calls, or to a text that says how to write it.
import { parseArgs } from 'node:util';
import { bdVerbs } from './bd-verbs.ts';
import { gtVerbs } from './gt-verbs.ts';
import { UsageError } from './verb.ts';
import type { Call, Given, Surroundings, Verb, Verbs } from './verb.ts';

export type Program = 'bd' | 'gt';
export const programs: Readonly<Record<Program, Verbs>> = { bd: bdVerbs, gt: gtVerbs };
export const isProgram = (name: string): name is Program => Object.hasOwn(programs, name);

export type Command =
  | { readonly kind: 'calls'; readonly calls: readonly Call[]; readonly json: boolean }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'wrong'; readonly text: string; readonly json: boolean };

const everyVerb = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;

const usageOf = (program: Program, name: string, verb: Verb): string => `${program} ${name} ${verb.usage}`.trimEnd();
const verbHelp = (program: Program, name: string, verb: Verb): string =>
  `${usageOf(program, name, verb)}\n\n${verb.what}\n\n--json prints the answer as JSON. Exit code: 0 done, 1 refused or not reachable, 2 wrongly written.`;
const programHelp = (program: Program): string => {
  const width = Math.max(...Object.keys(programs[program]).map((name) => name.length));
  const lines = Object.entries(programs[program]).map(([name, verb]) => `  ${name.padEnd(width)}  ${verb.what}`);
  return `${program} <verb> …\n\n${lines.join('\n')}\n\n${program} <verb> --help says how to write one. The same as your gt_ tools, for the shell.`;
};

const optionOf = (values: Readonly<Record<string, unknown>>, name: string): string | undefined => {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
};
const givenOf = (words: readonly string[], values: Readonly<Record<string, unknown>>): Given => ({
  words,
  text: (option) => optionOf(values, option),
  flag: (option) => values[option] === true,
  list: (option) => {
    const value = values[option];
    if (!Array.isArray(value)) return undefined;
    return value
      .join(',')
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  },
  number: (option) => {
    const text = optionOf(values, option);
    if (text === undefined) return undefined;
    if (!/^\d{1,9}$/.test(text)) throw new UsageError(`--${option} is a whole number, not ${text}.`);
    return Number(text);
  },
});

/** The verb with the longest name that the words begin with. */
const verbIn = (
  verbs: Verbs,
  words: readonly string[],
): { readonly name: string; readonly verb: Verb; readonly length: number } | undefined => {
  for (const length of [3, 2, 1]) {
    const name = words.slice(0, length).join(' ');
    const verb = Object.hasOwn(verbs, name) && words.length >= length ? verbs[name] : undefined;
    if (verb !== undefined) return { name, verb, length };
  }
  return undefined;
};

const unknownVerb = (program: Program, words: readonly string[]): string => {
  const names = Object.keys(programs[program]);
  const [first = ''] = words;
  const near = names.filter((name) => name.startsWith(`${first} `));
  const other = program === 'bd' ? 'gt' : 'bd';
  const elsewhere = verbIn(programs[other], words) === undefined ? '' : ` There is ${other} ${first}.`;
  return `${program} has no verb ${near.length === 0 ? first : words.slice(0, 2).join(' ')}.${elsewhere} It has: ${(near.length === 0 ? names : near).join(', ')}.`;
};

const readVerb = (program: Program, name: string, args: readonly string[], around: Surroundings): Command => {
  const json = args.includes('--json');
  const verb = programs[program][name];
  if (verb === undefined) return { kind: 'wrong', json, text: unknownVerb(program, [name]) };
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: { ...verb.options, ...everyVerb }, allowPositionals: true });
    if (values['help'] === true) return { kind: 'help', text: verbHelp(program, name, verb) };
    const [least, most] = verb.words ?? [0, 0];
    if (positionals.length < least || positionals.length > most)
      throw new UsageError(
        positionals.length < least
          ? 'Something is missing.'
          : `Too many words: ${positionals.slice(most).join(' ')}. Put a text in quotes.`,
      );
    return { kind: 'calls', json: values['json'] === true, calls: verb.calls(givenOf(positionals, values), around) };
  } catch (error) {
    const isOfParseArgs = error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
    if (!(error instanceof UsageError) && !isOfParseArgs) throw error;
    return { kind: 'wrong', json, text: `${error.message}\nUsage: ${usageOf(program, name, verb)}` };
  }
};

/** Reads what follows the program's name. */
export const readCommand = (program: Program, argv: readonly string[], around: Surroundings): Command => {
  // `bd --json list` is the same as `bd list --json`.
  const before = argv.findIndex((argument) => argument !== '--json');
  const words = before === -1 ? [] : argv.slice(before);
  const front = argv.slice(0, argv.length - words.length);
  if (words.length === 0 || words[0] === '--help' || words[0] === '-h') return { kind: 'help', text: programHelp(program) };
  if (words[0] === 'help')
    return words.length === 1 ? { kind: 'help', text: programHelp(program) } : readCommand(program, [...words.slice(1), '--help'], around);
  const found = verbIn(programs[program], words);
  if (found !== undefined) return readVerb(program, found.name, [...front, ...words.slice(found.length)], around);
  return {
    kind: 'wrong',
    json: argv.includes('--json'),
    text: unknownVerb(
      program,
      words.filter((text) => !text.startsWith('-')),
    ),
  };
};
