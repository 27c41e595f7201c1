import { expect, it } from 'vitest';
import { settingRows } from '../../../functions/domain/setting-rows.ts';
import { editorOf, shortOf, sourceOf, textOf, valueOf } from './setting-value.ts';

const rows = settingRows({ town: { 'budget.dayUsd': 12 } });
const row = (key: string) => {
  const found = rows.find((each) => each.key === key);
  if (found === undefined) throw new Error(`no setting ${key}`);
  return found;
};

it('gives each setting the control that fits it', () => {
  const kinds = ['merge.codeReview', 'convoy.mergeMode', 'budget.dayUsd', 'identity.authorName', 'instructions.mayor', 'gates'];
  expect(kinds.map((key) => editorOf(row(key)).kind)).toEqual(['choice', 'choice', 'number', 'line', 'prose', 'json']);
});
it('reads back what it shows, for every setting that has a value', () => {
  for (const each of rows.filter(({ value }) => value !== undefined))
    expect(valueOf(editorOf(each), textOf(each.value))).toEqual({ ok: true, value: each.value });
});
it('says what is wrong with what was typed', () => {
  expect(valueOf(editorOf(row('budget.dayUsd')), 'much')).toEqual({ ok: false, message: 'Give a number.' });
  expect(valueOf(editorOf(row('gates')), '[{')).toMatchObject({ ok: false });
});
it('says where a value comes from', () => {
  expect(['budget.dayUsd', 'budget.beadUsd', 'models.mayor'].map((key) => sourceOf(row(key)))).toEqual([
    'Set for the town',
    'Built in',
    'Not set',
  ]);
  expect([true, false, undefined, 'squash', 5].map(shortOf)).toEqual(['on', 'off', 'nothing', 'squash', '5']);
});
