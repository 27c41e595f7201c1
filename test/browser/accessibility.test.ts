// axe on every page and drawer, light and dark, desktop and phone: nothing serious or critical.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Browser } from 'playwright-core';
import { z } from 'zod';
import { builtDashboard } from './built-dashboard.ts';
import { contextOf, startChromium } from './chromium.ts';
import type { Look } from './chromium.ts';
import { startMockControlPlane } from './mock-control-plane.ts';
import type { MockControlPlane } from './mock-control-plane.ts';
import { townId, userId } from './mock-town.ts';

const town = `/towns/${townId}`;
const addresses = [
  '/sign-in',
  '/',
  town,
  `${town}/board`,
  `${town}/convoys`,
  `${town}/merges`,
  `${town}/agents`,
  `${town}/search`,
  `${town}/search?q=password`,
  `${town}/search?q=src/signup`,
  `${town}/repositories`,
  `${town}/repositories?connect=1`,
  `${town}/settings`,
  `${town}/settings/all`,
  `${town}/board?bead=shop-3kf9`,
  `${town}/board?bead=api-z7c3`,
  `${town}/merges?bead=shop-mr13`,
  `${town}/convoys?bead=hq-7b2m`,
  `${town}?agent=toast`,
  `${town}?agent=birch`,
  `${town}?bead=hq-9e4s`,
  `${town}?agent=toast&bead=shop-3kf9`,
];
const looks: readonly Look[] = [
  { theme: 'light', size: 'desktop' },
  { theme: 'dark', size: 'desktop' },
  { theme: 'light', size: 'phone' },
];
const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const violationsSchema = z.array(
  z.object({
    id: z.string(),
    impact: z.string().nullish(),
    nodes: z.array(z.object({ target: z.array(z.unknown()), failureSummary: z.string().nullish() })),
  }),
);
/** Animations are over and lazy chunks are there. */
const settleMs = 350;
const startUpMs = 180_000;

/** Banners, folded messages and errors with more behind them are looked at, too. */
const addTrouble = ({ town: mocked }: MockControlPlane): void => {
  const error = 'The model endpoint answered 401: the key is not valid\n    at call (proxy.ts:1:2)';
  const at = new Date().toISOString();
  const said = { townId, userId, role: 'user', at, version: 1 } as const;
  mocked.changeAgent('birch', { state: 'idle', lastExit: error });
  mocked.record('dispatch_failed', 'patrol:A1', { agentId: 'birch', beadId: 'shop-5t0z', new: error });
  mocked.messages.push(
    { ...said, messageId: mocked.ulid(), text: 'Line by line.\n'.repeat(30), state: 'answered' },
    { ...said, messageId: mocked.ulid(), text: 'Hello?', state: 'failed', error: `The Mayor could not answer: ${error}` },
  );
};

let browser: Browser;
let mock: MockControlPlane;
beforeAll(async () => {
  const folder = await builtDashboard();
  mock = await startMockControlPlane({ folder });
  addTrouble(mock);
  browser = await startChromium();
}, startUpMs);
afterAll(async () => {
  await browser.close();
  await mock.close();
});

describe.each(looks)('on $size in $theme', (look) => {
  it(
    'no page has a serious fault of accessibility',
    async () => {
      const context = await contextOf(browser, look);
      const page = await context.newPage();
      await page.goto(mock.newLink());
      await page.waitForURL(`**${town}`);
      const found: string[] = [];
      for (const address of addresses) {
        await page.goto(`${mock.url}${address}`);
        await page.locator('main, [role=dialog]').first().waitFor();
        await page.waitForTimeout(settleMs);
        await page.evaluate(readFileSync(axePath, 'utf8'));
        const violations = violationsSchema.parse(
          await page.evaluate(
            'axe.run(document, { resultTypes: ["violations"] }).then((result) => JSON.parse(JSON.stringify(result.violations)))',
          ),
        );
        for (const violation of violations) {
          if (violation.impact !== 'serious' && violation.impact !== 'critical') continue;
          found.push(
            ...violation.nodes.map((node) => `${address}: ${violation.id} at ${JSON.stringify(node.target)} ${node.failureSummary ?? ''}`),
          );
        }
      }
      expect(found).toEqual([]);
      await context.close();
    },
    startUpMs,
  );
});
