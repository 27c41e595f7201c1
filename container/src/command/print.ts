// A tool's answer as short lines for a terminal, or as its JSON alone.
import { objectOf } from './tool-call.ts';
import type { Row } from './verb.ts';

interface Said {
  readonly sentence: string;
  readonly data: Row | undefined;
}
/** Tools answer with a sentence and JSON on the last line. */
const saidIn = (text: string): Said => {
  const at = text.lastIndexOf('\n');
  const data = objectOf(text.slice(at + 1));
  return data === undefined ? { sentence: text, data } : { sentence: text.slice(0, Math.max(0, at)), data };
};

const isRow = (value: unknown): value is Row => typeof value === 'object' && value !== null && !Array.isArray(value);
const isPlain = (value: unknown): value is string | number | boolean =>
  (typeof value === 'string' && !value.includes('\n')) || typeof value === 'number' || typeof value === 'boolean';
const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** Plain fields of a row in one line, the longer ones below. */
const rowLines = (row: Row, indent: string): string[] => {
  const entries = Object.entries(row).filter(([, value]) => !isNothing(value));
  const plain = entries
    .filter(([, value]) => isPlain(value))
    .map(([key, value]) => (key === 'id' || key === 'title' ? String(value) : `${key}: ${String(value)}`));
  return [
    `${indent}- ${plain.join('  ')}`,
    ...entries.filter(([, value]) => !isPlain(value)).flatMap(([key, value]) => fieldLines(key, value, `${indent}  `)),
  ];
};
const fieldLines = (key: string, value: unknown, indent: string): string[] => {
  if (isNothing(value)) return [];
  if (isPlain(value)) return [`${indent}${key}: ${String(value)}`];
  if (Array.isArray(value) && value.every(isPlain)) return [`${indent}${key}: ${value.join(', ')}`];
  const inner = `${indent}  `;
  if (Array.isArray(value))
    return [
      `${indent}${key}:`,
      ...value.flatMap((item: unknown) => (isRow(item) ? rowLines(item, inner) : [`${inner}- ${JSON.stringify(item)}`])),
    ];
  if (isRow(value)) return [`${indent}${key}:`, ...Object.entries(value).flatMap(([name, field]) => fieldLines(name, field, inner))];
  return [
    `${indent}${key}:`,
    ...String(value)
      .trimEnd()
      .split('\n')
      .map((line) => `${inner}${line}`),
  ];
};

const filtered = (data: Row, only: (row: Row) => boolean): Row =>
  Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Array.isArray(value) ? value.filter((item) => !isRow(item) || only(item)) : value]),
  );

export interface Printable {
  readonly text: string;
  readonly only?: ((row: Row) => boolean) | undefined;
}
const readable = ({ text, only }: Printable): Said => {
  const { sentence, data } = saidIn(text);
  if (data === undefined || only === undefined) return { sentence, data };
  const kept = filtered(data, only);
  const shown = Object.values(kept).reduce<number>((sum, value) => sum + (Array.isArray(value) ? value.length : 0), 0);
  return { sentence: `${shown === 0 ? 'None' : shown} of: ${sentence}`, data: kept };
};

export const printed = (answer: Printable): string => {
  const { sentence, data } = readable(answer);
  return [sentence, ...Object.entries(data ?? {}).flatMap(([key, value]) => fieldLines(key, value, ''))]
    .filter((line) => line !== '')
    .join('\n');
};

/** One answer as its JSON, several as a list. */
export const printedJson = (answers: readonly Printable[]): string => {
  const values = answers.map((answer) => {
    const { sentence, data } = readable(answer);
    return data ?? { text: sentence };
  });
  return JSON.stringify(values.length === 1 ? values[0] : values);
};
