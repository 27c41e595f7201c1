// `npm run pictures`: the README's pictures, taken in Chromium from a real town while it works.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { contextOf, startChromium } from './browser/chromium.ts';
import { eventually, startLocalTown } from './e2e/local-town.ts';

const folder = join(import.meta.dirname, '..', 'docs', 'pictures');
mkdirSync(folder, { recursive: true });
const take = async (page: Page, name: string): Promise<void> => {
  await page.waitForTimeout(700);
  await page.locator('.bones').first().waitFor({ state: 'detached' });
  await page.waitForTimeout(300);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  process.stdout.write(`docs/pictures/${name}.png\n`);
};

const town = await startLocalTown({ demo: true });
const browser = await startChromium();
try {
  const link = /http:\/\/\S+sign-in\S+/.exec(town.log())?.[0] ?? '';
  const page = await (await contextOf(browser, { theme: 'light', size: 'desktop' })).newPage();
  await page.goto(link);
  const chat = page.getByLabel('Message to the Mayor');
  await chat.fill('Please add a few string functions to the library, with tests.');
  await chat.press('Enter');
  const townId = (await town.call('listTowns')).items[0]?.townId ?? '';
  const beads = async (status: string) => (await town.call('listBeads', { params: { townId }, query: { type: 'issue', status } })).items;
  await eventually('work in review', 300_000, async () => (await beads('in_review'))[0] ?? (await beads('closed'))[0]);
  await take(page, 'overview');
  const first = await eventually('a merged bead', 300_000, async () => (await beads('closed'))[0]);
  await page.goto(`${town.url()}/towns/${townId}/board`);
  await take(page, 'board');
  await page.goto(`${town.url()}/towns/${townId}/board?bead=${first.beadId}`);
  await take(page, 'bead');
  const agentId = first.assigneeAgentId ?? 'mayor';
  await page.goto(`${town.url()}/towns/${townId}?agent=${agentId}`);
  await take(page, 'agent');
  await eventually('the convoy to land', 300_000, async () =>
    (await town.call('listConvoys', { params: { townId } })).items.find((convoy) => convoy.status === 'closed'),
  );
  await page.goto(`${town.url()}/towns/${townId}`);
  await take(page, 'landed');
} finally {
  await browser.close();
  await town.stop();
}
