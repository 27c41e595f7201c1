// What every browser test of the dashboard begins with: the build, one Chromium, and per test a fresh mock town and page without faults.
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { builtDashboard } from './built-dashboard.ts';
import { contextOf, faultsOf, startChromium } from './chromium.ts';
import type { Look } from './chromium.ts';
import { startMockControlPlane } from './mock-control-plane.ts';
import type { MockControlPlane } from './mock-control-plane.ts';
import { townId } from './mock-town.ts';

export const townPath = `/towns/${townId}`;
/** Building takes most of it, once per change of the sources. */
const startUpMs = 180_000;
const waitMs = 8_000;

export interface Visit {
  readonly page: Page;
  readonly mock: MockControlPlane;
  readonly signIn: () => Promise<void>;
  /** Signs in, then goes to this path. */
  readonly open: (path: string) => Promise<void>;
}

/** Registers the hooks of a test file; the returned function gives the visit of the test that runs. */
export const visits = (look: Look = { theme: 'light', size: 'desktop' }): (() => Visit) => {
  let browser: Browser;
  let folder: string;
  let context: BrowserContext;
  let visit: Visit;
  let faults: string[];
  beforeAll(async () => {
    folder = await builtDashboard();
    browser = await startChromium();
  }, startUpMs);
  afterAll(async () => {
    await browser.close();
  });
  beforeEach(async () => {
    const mock = await startMockControlPlane({ folder });
    context = await contextOf(browser, look);
    context.setDefaultTimeout(waitMs);
    const page = await context.newPage();
    faults = faultsOf(page);
    const signIn = async (): Promise<void> => {
      await page.goto(mock.newLink());
      await page.waitForURL(`**${townPath}`);
    };
    const open = async (path: string): Promise<void> => {
      await signIn();
      await page.goto(`${mock.url}${path}`);
    };
    visit = { page, mock, signIn, open };
  });
  afterEach(async () => {
    await context.close();
    await visit.mock.close();
    expect(faults).toEqual([]);
  });
  return () => visit;
};

/** A loaded machine is slow, not wrong. */
export const eventually = <T>(read: () => T) => expect.poll(read, { timeout: waitMs });
