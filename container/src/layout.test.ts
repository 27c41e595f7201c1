import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { forgetRemovedTowns } from './layout.ts';

it('what agents had beside a data folder goes when that folder is gone, and nothing else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'layout-'));
  const make = (name: string, dataFolder?: string): void => {
    mkdirSync(join(folder, name, 'agents'), { recursive: true });
    if (dataFolder !== undefined) writeFileSync(join(folder, name, 'data-folder'), dataFolder);
  };
  make('kept', folder);
  make('gone', join(folder, 'removed'));
  make('unknown');
  forgetRemovedTowns(folder);
  expect(readdirSync(folder).toSorted()).toEqual(['kept', 'unknown']);
  forgetRemovedTowns(join(folder, 'never-made'));
  rmSync(folder, { recursive: true, force: true });
});
