// Conditions of steps, decided when a formula is cooked: {{var}}, !{{var}}, {{var}} == value, {{var}} != value. Pure.
import { isTruthy, valueIn } from './fill.ts';
import type { Scope } from './fill.ts';

const form = /^(!?)\s*\{\{\s*\.?([\w.-]+)\s*\}\}\s*(?:(==|!=)\s*(.*))?$/s;
const unquoted = (text: string): string => /^(["'])(.*)\1$/s.exec(text)?.[2] ?? text;

export type Verdict = { readonly ok: true; readonly holds: boolean } | { readonly ok: false; readonly message: string };

export const conditionHolds = (condition: string | undefined, scope: Scope): Verdict => {
  const text = condition?.trim() ?? '';
  if (text === '') return { ok: true, holds: true };
  const match = form.exec(text);
  const operator = match?.[3];
  if (match === null || (match[1] === '!' && operator !== undefined))
    return {
      ok: false,
      message: `the condition ${text} is not understood; write {{var}}, !{{var}}, {{var}} == value or {{var}} != value`,
    };
  const name = match[2] ?? '';
  const value = valueIn(scope, name);
  if (value === undefined) return { ok: false, message: `the condition uses the variable ${name}, which has no value` };
  if (operator === undefined) return { ok: true, holds: isTruthy(value) === (match[1] === '') };
  const same = value === unquoted((match[4] ?? '').trim());
  return { ok: true, holds: same === (operator === '==') };
};
