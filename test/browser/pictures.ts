// Pictures of every page and drawer in light and dark, on desktop and phone, for a person to look at: `node test/browser/pictures.ts <folder> [part of a name]`.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { contextOf, startChromium } from './chromium.ts';
import type { Look } from './chromium.ts';
import { startMockControlPlane } from './mock-control-plane.ts';
import { townId } from './mock-town.ts';

const town = `/towns/${townId}`;
const pages: Readonly<Record<string, string>> = {
  towns: '/',
  overview: town,
  board: `${town}/board`,
  convoys: `${town}/convoys`,
  merges: `${town}/merges`,
  agents: `${town}/agents`,
  search: `${town}/search`,
  'search-words': `${town}/search?q=password`,
  'search-path': `${town}/search?q=src/signup`,
  'search-nothing': `${town}/search?q=zeppelin`,
  repositories: `${town}/repositories`,
  settings: `${town}/settings`,
  'all-settings': `${town}/settings/all`,
  connect: `${town}/repositories?connect=1`,
  'bead-drawer': `${town}/board?bead=shop-3kf9`,
  'failed-drawer': `${town}/board?bead=api-z7c3`,
  'merge-drawer': `${town}/merges?bead=shop-mr13`,
  'convoy-drawer': `${town}/convoys?bead=hq-7b2m`,
  'agent-drawer': `${town}/agents?agent=toast`,
  stacked: `${town}?agent=toast&bead=shop-3kf9`,
  'bead-timeline': `${town}/board?bead=shop-8d2k#timeline`,
  'bead-changes': `${town}/board?bead=shop-3kf9#changes`,
};
const looks: readonly Look[] = (['light', 'dark'] as const).flatMap((theme) =>
  (['desktop', 'phone'] as const).map((size) => ({ theme, size })),
);
const settleMs = 450;

const folder = process.argv[2] ?? 'pictures';
const wanted = process.argv[3] ?? '';
await mkdir(folder, { recursive: true });
const mock = await startMockControlPlane();
const browser = await startChromium();
try {
  for (const look of looks) {
    const context = await contextOf(browser, look);
    const page = await context.newPage();
    if ('sign-in'.includes(wanted)) {
      for (const [name, address] of [
        ['sign-in', '/sign-in'],
        ['sign-in-used', '/sign-in?code=already-used-code'],
      ] as const) {
        await page.goto(`${mock.url}${address}`, { waitUntil: 'networkidle' });
        await page.screenshot({ path: join(folder, `${name}-${look.theme}-${look.size}.png`) });
      }
    }
    await page.goto(mock.newLink());
    await page.waitForURL(`**${town}`);
    for (const [name, address] of Object.entries(pages)) {
      if (!name.includes(wanted)) continue;
      await page.goto(`${mock.url}${address}`);
      await page.waitForLoadState('networkidle');
      if (address.endsWith('#timeline')) await page.getByRole('tab', { name: 'Timeline' }).click();
      if (address.endsWith('#changes')) await page.getByRole('tab', { name: 'Commits and changes' }).click();
      await page.waitForTimeout(settleMs);
      await page.screenshot({ path: join(folder, `${name}-${look.theme}-${look.size}.png`) });
    }
    await context.close();
  }
} finally {
  await browser.close();
  await mock.close();
}
