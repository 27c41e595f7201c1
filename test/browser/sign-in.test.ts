// Signing in at a deployment with Cognito: the built dashboard under CloudFront's policy, with the hosted endpoints on another origin.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { siteConfigPath } from '../../functions/contracts/site-config.schema.ts';
import { builtDashboard } from './built-dashboard.ts';
import { contextOf, faultsOf, startChromium } from './chromium.ts';
import { startMockCognito } from './mock-cognito.ts';
import type { MockCognito } from './mock-cognito.ts';
import { startMockControlPlane } from './mock-control-plane.ts';
import type { MockControlPlane } from './mock-control-plane.ts';
import { townId } from './mock-town.ts';

const townPath = `/towns/${townId}`;
/** Building takes most of it, once per change of the sources. */
const startUpMs = 180_000;
const waitMs = 8_000;

let browser: Browser;
let folder: string;
let cognito: MockCognito;
let mock: MockControlPlane;
let context: BrowserContext;
let page: Page;
let faults: string[];

beforeAll(async () => {
  folder = await builtDashboard();
  browser = await startChromium();
}, startUpMs);
afterAll(async () => {
  await browser.close();
});
beforeEach(async () => {
  cognito = await startMockCognito();
  mock = await startMockControlPlane({ folder, hosted: cognito });
  cognito.allow(mock.url);
  context = await contextOf(browser, { theme: 'light', size: 'desktop' });
  context.setDefaultTimeout(waitMs);
  page = await context.newPage();
  faults = faultsOf(page);
});
afterEach(async () => {
  await context.close();
  await mock.close();
  await cognito.close();
  expect(faults).toEqual([]);
});
const eventually = <T>(read: () => T) => expect.poll(read, { timeout: waitMs });
const goToHostedPages = async (path = '/'): Promise<void> => {
  await page.goto(`${mock.url}${path}`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${cognito.signIn.url}/**`);
};
const signIn = async (path?: string): Promise<void> => {
  await goToHostedPages(path);
  await page.getByRole('link', { name: 'I am Ada' }).click();
  await page.getByRole('heading', { name: 'Corner shop' }).waitFor();
};

describe('signing in with Cognito', () => {
  it('goes to the hosted pages and back to the only town, live, and nothing of it stays in the address', async () => {
    await signIn();
    expect(page.url()).toBe(`${mock.url}${townPath}`);
    expect(cognito.asked).toEqual(['authorize', 'code']);
    await eventually(() => mock.subscriptions()).toContain('beads');
    await page.reload();
    await page.getByRole('heading', { name: 'Corner shop' }).waitFor();
    expect(cognito.asked).toEqual(['authorize', 'code']);
  });
  it('leads to where one wanted to go', async () => {
    await goToHostedPages(`${townPath}/board?bead=shop-3kf9`);
    await page.getByRole('link', { name: 'I am Ada' }).click();
    await page.getByTestId('bead-drawer').waitFor();
    expect(new URL(page.url()).pathname).toBe(`${townPath}/board`);
  });
  it('says so when the hosted pages refuse, and can begin again', async () => {
    await goToHostedPages();
    await page.getByRole('link', { name: 'I am nobody' }).click();
    await page.getByRole('heading', { name: 'Could not sign you in' }).waitFor();
    await page.getByText('access_denied').waitFor();
    await page.getByRole('link', { name: 'Sign in again' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(cognito.asked).toEqual(['authorize']);
  });
  it('does not exchange a code that this tab did not ask for', async () => {
    await goToHostedPages();
    await page.goto(`${mock.url}/signed-in?code=of-someone-else&state=made-up`);
    await page.getByRole('heading', { name: 'Could not sign you in' }).waitFor();
    expect(cognito.asked).toEqual(['authorize']);
  });
});

describe('a sign-in with Cognito', () => {
  it('outlives its access tokens', async () => {
    cognito.setLife(2);
    await signIn();
    await eventually(() => cognito.asked.filter((what) => what === 'renew').length).toBeGreaterThan(1);
    await page.getByRole('link', { name: 'Board' }).first().click();
    await page.getByTestId('column-open').waitFor();
    cognito.setLife(3600);
    await page.reload();
    await page.getByTestId('column-open').waitFor();
    expect(cognito.asked.filter((what) => what === 'authorize')).toHaveLength(1);
  });
  it('asks again when it was ended elsewhere', async () => {
    cognito.setLife(2);
    await signIn();
    cognito.endSignIns();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(new URL(page.url()).searchParams.get('next')).toBe(townPath);
  });
  it('is over everywhere after signing out: in this browser, at the hosted pages, and its refresh token', async () => {
    await signIn();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await eventually(() => cognito.asked).toContain('logout');
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    await eventually(() => cognito.asked).toContain('revoke');
    expect(new URL(page.url()).origin).toBe(mock.url);
    expect(await page.evaluate(() => localStorage.getItem('gastown.session'))).toBeNull();
  });
});

describe('the way to sign in', () => {
  it('is not guessed while the site is away', async () => {
    await page.route(`**${siteConfigPath}`, (route) => route.abort());
    await page.goto(`${mock.url}/sign-in`);
    await page.getByText('The control plane cannot be reached').waitFor();
    await page.unroute(`**${siteConfigPath}`);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await page.getByText('one-time link').count()).toBe(0);
  });
});
