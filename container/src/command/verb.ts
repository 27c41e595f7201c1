// What a verb of `bd` or `gt` is: its options, and the tool calls that it stands for. The whole folder is copied to where agents may read it, so it
// imports nothing but Node and itself (types are erased).
import type { ParseArgsOptionsConfig } from 'node:util';
import type { ToolName } from '../../../functions/contracts/tools.schema.ts';

export type Row = Readonly<Record<string, unknown>>;
export interface Call {
  readonly tool: ToolName;
  readonly args: Readonly<Record<string, unknown>>;
  /** Which rows of the answer's lists are meant; all when absent. */
  readonly only?: (row: Row) => boolean;
}

/** What a verb may look at beside its words. */
export interface Surroundings {
  readonly role: string;
  /** Output of a git command in the agent's folder; undefined when it fails. */
  git(...args: string[]): string | undefined;
  stdin(): string;
}

/** What was given on the command line. */
export interface Given {
  readonly words: readonly string[];
  text(option: string): string | undefined;
  flag(option: string): boolean;
  /** A comma-separated option, which may be given several times. */
  list(option: string): readonly string[] | undefined;
  /** A whole number. */
  number(option: string): number | undefined;
}

export interface Verb {
  /** After the verb's name: `<id> [--reason <text>]`. */
  readonly usage: string;
  readonly what: string;
  readonly options?: ParseArgsOptionsConfig;
  /** How many words it takes at least and at most; none when absent. */
  readonly words?: readonly [least: number, most: number];
  calls(given: Given, around: Surroundings): readonly Call[];
}
export type Verbs = Readonly<Record<string, Verb>>;

/** The command line does not fit; the message says what to write. */
export class UsageError extends Error {}

export const call = (tool: ToolName, args: Call['args'] = {}): readonly Call[] => [{ tool, args }];

export const word = (given: Given, index = 0): string => given.words[index] ?? '';

export const textOption = { type: 'string' } as const;
export const flagOption = { type: 'boolean' } as const;
export const listOption = { type: 'string', multiple: true } as const;
export const short = <T extends object>(letter: string, option: T): T & { readonly short: string } => ({ ...option, short: letter });

/** A longer text: the option, or what comes in by `--stdin`. */
export const longText = (given: Given, around: Surroundings, option: string): string | undefined =>
  given.flag('stdin') ? around.stdin() : given.text(option);

const priorities = ['critical', 'high', 'medium', 'low', 'low'] as const;
/** bd counts from 0 (most urgent) to 4; the town has words. */
export const priorityOf = (given: Given): string | undefined => {
  const text = given.text('priority');
  const number = /^[Pp]?([0-4])$/.exec(text ?? '')?.[1];
  return number === undefined ? text : priorities[Number(number)];
};
