// The table of settings against the code: every row is read where it says, or says why nothing reads it.
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { rowOf, settingKeys, settingsPatchSchema, slungSettingsSchema } from '../../functions/contracts/settings.schema.ts';
import type { SettingKey } from '../../functions/contracts/settings.schema.ts';
import { settingsGuide } from './guide.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const text = (path: string): string => readFileSync(`${root}${path}`, 'utf8');
const sources = readdirSync(`${root}functions`, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.startsWith('contracts/settings'))
  .map((path) => `functions/${path}`);
/** A key is named in quotes, one without a dot also as a property. */
const reads = (source: string, key: SettingKey): boolean =>
  source.includes(`'${key}'`) || (!key.includes('.') && source.includes(`.${key}`));

const read = settingKeys.flatMap((key) => {
  const { reader } = rowOf(key);
  return 'readBy' in reader ? [[key, reader.readBy] as const] : [];
});
const waiting = settingKeys.filter((key) => 'waitsFor' in rowOf(key).reader);

describe('every setting', () => {
  it.each(read)('%s is read by %s (L103)', (key, file) => {
    expect(reads(text(file), key)).toBe(true);
  });
  it.each(waiting)('%s, which says that nothing reads it, is read nowhere', (key) => {
    expect(sources.filter((path) => text(path).includes(`'${key}'`))).toEqual([]);
  });
  it('that waits for its reader does so for what is not there yet, and for nothing else', () => {
    const reasons = waiting.map((key) => {
      const { reader } = rowOf(key);
      return 'waitsFor' in reader ? reader.waitsFor : '';
    });
    expect([...new Set(reasons)].toSorted()).toMatchInlineSnapshot(`
      [
        "a merge train carries one request at a time",
        "agents cannot report bugs yet",
        "beads have no variants yet",
        "gates run on the town runtime only",
        "issues of a git host are not taken in yet",
        "nobody tells the town yet that a person types to the Mayor",
        "people have not given keys of their own for a git host yet",
        "terminals are not recorded yet",
        "the isolation of agents is chosen by the machine on which they run",
        "the network of the runtime is decided when the product is deployed",
        "the size of the runtime is fixed when the product is deployed",
        "the wasteland is not connected yet",
      ]
    `);
  });
  it('says what it means in one sentence', () => {
    for (const key of settingKeys) expect(rowOf(key).sentence).toMatch(/^\p{Lu}.*\.$/su);
  });
  it('has a scope in which it can be changed, unless it is given with the work', () => {
    const changeable = (['persona', 'rig', 'user', 'town', 'organisation'] as const).flatMap((scope) =>
      Object.keys(settingsPatchSchema(scope).shape),
    );
    expect(read.map(([key]) => key).filter((key) => !changeable.includes(key))).toEqual([]);
  });
});

it('settings that are given with the work are those of the scopes bead and convoy', () => {
  const slung = settingKeys.filter((key) => rowOf(key).scopes.some((scope) => scope === 'bead' || scope === 'convoy'));
  expect(Object.keys(slungSettingsSchema.shape).toSorted()).toEqual(slung.toSorted());
});

it('docs/settings.md is the guide that the table makes (write it with: node test/settings-guide.ts)', () => {
  expect(text('docs/settings.md')).toBe(settingsGuide());
});
