// How a setting of the table is edited: the control that fits its JSON Schema, and its value as text and back. Pure.
import type { SettingRow } from '../../../functions/contracts/settings.schema.ts';

export type SettingEditor =
  | { readonly kind: 'choice'; readonly values: readonly (string | boolean)[] }
  | { readonly kind: 'number'; readonly isWhole: boolean }
  | { readonly kind: 'line' | 'prose' | 'json' };

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {};
/** Longer texts get a field of several lines. */
const lineCharacters = 300;

export const editorOf = ({ type }: Pick<SettingRow, 'type'>): SettingEditor => {
  const schema = recordOf(type);
  if (schema['type'] === 'boolean') return { kind: 'choice', values: [true, false] };
  if (Array.isArray(schema['enum'])) return { kind: 'choice', values: schema['enum'].filter((value) => typeof value === 'string') };
  if (schema['type'] === 'integer' || schema['type'] === 'number') return { kind: 'number', isWhole: schema['type'] === 'integer' };
  const either = Array.isArray(schema['anyOf']) ? schema['anyOf'].map((each) => recordOf(each)['type']) : [];
  if (either.length > 0 && either.every((each) => each === 'string')) return { kind: 'line' };
  if (schema['type'] !== 'string') return { kind: 'json' };
  const most = schema['maxLength'];
  return { kind: typeof most === 'number' && most > lineCharacters ? 'prose' : 'line' };
};

/** A value as people read and edit it; empty when there is none. */
export const textOf = (value: SettingRow['value']): string => {
  if (value === undefined) return '';
  return typeof value === 'string'
    ? value
    : typeof value === 'object' && value !== null
      ? JSON.stringify(value, undefined, 2)
      : String(value);
};
/** In a sentence: one line. */
export const shortOf = (value: SettingRow['value']): string => {
  if (value === undefined || value === '') return 'nothing';
  if (value === true) return 'on';
  if (value === false) return 'off';
  return typeof value === 'string' ? value : JSON.stringify(value);
};

export type ReadValue = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };
/** What the text in the control stands for. Bounds are the contract's to judge. */
export const valueOf = (editor: SettingEditor, text: string): ReadValue => {
  switch (editor.kind) {
    case 'choice': {
      const chosen = editor.values.find((value) => String(value) === text);
      return chosen === undefined ? { ok: false, message: 'Choose one.' } : { ok: true, value: chosen };
    }
    case 'number': {
      const value = Number(text.trim());
      if (text.trim() === '' || Number.isNaN(value)) return { ok: false, message: 'Give a number.' };
      return { ok: true, value };
    }
    case 'line':
    case 'prose':
      return { ok: true, value: text };
    case 'json':
      try {
        return { ok: true, value: JSON.parse(text) };
      } catch {
        return { ok: false, message: 'This is not JSON yet: look for a missing quote, comma or bracket.' };
      }
    default:
      return editor satisfies never;
  }
};

const scopeWords: Readonly<Record<SettingRow['from'], string>> = {
  bead: 'the bead',
  persona: 'the persona',
  convoy: 'the convoy',
  rig: 'the repository',
  user: 'you',
  town: 'the town',
  organisation: 'the organisation',
  'built-in': 'built in',
};
/** Where the value that holds comes from. */
export const sourceOf = ({ from, value }: Pick<SettingRow, 'from' | 'value'>): string => {
  if (from !== 'built-in') return `Set for ${scopeWords[from]}`;
  return value === undefined ? 'Not set' : 'Built in';
};
