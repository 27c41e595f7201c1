// The built dashboard in a real Chromium against the mock control plane: what a person does, by roles and names as assistive technology sees them.
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { builtDashboard } from './built-dashboard.ts';
import type { MockControlPlane } from './mock-control-plane.ts';
import { townId, userId } from './mock-town.ts';
import { eventually, townPath, visits } from './visit.ts';

const visit = visits();
let mock: MockControlPlane;
let page: Page;
beforeEach(() => {
  ({ mock, page } = visit());
});
const signIn = (): Promise<void> => visit().signIn();
const open = (path: string): Promise<void> => visit().open(path);
const column = (status: string) => page.getByTestId(`column-${status}`);
const card = (beadId: string) => page.locator(`[data-testid=bead-card][data-bead-id="${beadId}"]`);
const idOfFocus = (): Promise<string | null> => page.evaluate(() => document.activeElement?.getAttribute('data-bead-id') ?? null);

describe('signing in', () => {
  it('by a one-time link leads to the only town, and the code leaves the address', async () => {
    await signIn();
    await page.getByRole('heading', { name: 'Corner shop' }).waitFor();
    expect(page.url()).not.toContain('code');
    await page.reload();
    await page.getByRole('heading', { name: 'Corner shop' }).waitFor();
  });
  it('with a used link says what to do', async () => {
    await page.goto(`${mock.url}/sign-in?code=used-before-now`);
    await page.getByRole('heading', { name: 'This link no longer works' }).waitFor();
    await page.getByText('npm start').waitFor();
    expect(await page.getByText('npm start').isVisible()).toBe(true);
  });
  it('is asked for first, and then leads to where one wanted to go', async () => {
    await page.goto(`${mock.url}${townPath}/board?bead=shop-3kf9`);
    await page.getByRole('heading', { name: 'Sign in to Gastown' }).waitFor();
    const next = new URL(page.url()).searchParams.get('next');
    await page.goto(`${mock.newLink()}&next=${encodeURIComponent(next ?? '')}`);
    await page.getByTestId('bead-drawer').waitFor();
    expect(await page.getByTestId('bead-drawer').isVisible()).toBe(true);
  });
});

describe('the overview', () => {
  it('sends a message to the Mayor and shows the answer', async () => {
    await signIn();
    await page.getByLabel('Message to the Mayor').fill('Add a **changelog**');
    await page.keyboard.press('Enter');
    await page.getByTestId('message-user').filter({ hasText: 'Add a changelog' }).waitFor();
    await page.getByTestId('message-mayor').filter({ hasText: 'I will see to it' }).waitFor();
    expect(mock.town.messages.filter((message) => message.text === 'Add a **changelog**')).toHaveLength(1);
    await page.getByLabel('Message to the Mayor').fill('And a second one');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByTestId('message-user').filter({ hasText: 'And a second one' }).waitFor();
  });
  it('keeps what could not be sent', async () => {
    await signIn();
    await page.getByTestId('message-mayor').first().waitFor();
    mock.setAway(true);
    await page.getByLabel('Message to the Mayor').fill('Still here?');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText('The control plane cannot be reached').waitFor();
    expect(await page.getByLabel('Message to the Mayor').inputValue()).toBe('Still here?');
  });
  it('follows a convoy live: counters, progress, feed', async () => {
    await signIn();
    await page.getByTestId('convoys').getByText('1 of 3 done').waitFor();
    await eventually(() => mock.subscriptions().length).toBeGreaterThan(5);
    while (mock.step());
    await page.getByTestId('convoys').getByText('3 of 3 done').waitFor();
    await page.getByTestId('feed').getByText('The convoy is complete').waitFor();
    expect(await page.locator('[data-status=closed] .value').textContent()).toBe('5');
  });
  it('says in which step the town wakes up while a message waits', async () => {
    mock.town.runtimeState = 'absent';
    mock.town.changeAgent('mayor', { state: 'idle' });
    const at = new Date().toISOString();
    mock.town.messages.push({ townId, userId, messageId: mock.town.ulid(), role: 'user', text: 'Hello?', state: 'queued', at, version: 1 });
    await signIn();
    const step = page.getByTestId('mayor-step');
    await step.getByText("Starting the town's machine…").waitFor();
    await eventually(() => mock.subscriptions()).toContain('agents');
    mock.town.runtimeState = 'live';
    mock.changed('agents');
    await step.getByText('Starting the Mayor…').waitFor();
    mock.town.changeAgent('mayor', { state: 'working' });
    mock.changed('agents');
    await step.getByText('The Mayor is thinking…').waitFor();
    expect(await step.count()).toBe(1);
  });
  it('makes links of the beads that the Mayor names, which open their drawers', async () => {
    await signIn();
    const answer = page.getByTestId('message-mayor').first();
    await answer.getByRole('link', { name: 'hq-7b2m' }).waitFor();
    await answer.getByRole('link', { name: 'shop-8d2k' }).click();
    await page.getByTestId('bead-drawer').getByRole('heading', { name: 'Say which password rule was broken' }).waitFor();
    expect(new URL(page.url()).search).toBe('?bead=shop-8d2k');
  });
  it('names merge requests in the feed by the work that they merge, without a read per line', async () => {
    const reads: string[] = [];
    page.on('request', (request) => reads.push(new URL(request.url()).pathname));
    await signIn();
    const line = page.getByTestId('feed').locator('[data-event-type=hooked]');
    await line.getByText('shop-mr12').waitFor();
    expect(reads.filter((path) => /\/(beads|merges)\/./.test(path))).toEqual([]);
    await line.getByRole('link', { name: 'Cart total is wrong with two vouchers' }).click();
    await page.getByTestId('bead-drawer').getByText('Merge request', { exact: true }).waitFor();
    expect(new URL(page.url()).search).toBe('?bead=shop-mr12');
  });
  it('counts the agents that work, the same in the navigation and on their page', async () => {
    await signIn();
    await page.getByRole('navigation', { name: 'Town' }).getByRole('link', { name: 'Agents 3 working' }).click();
    await page.getByRole('heading', { name: '3 working of 5 agents' }).waitFor();
    expect(await page.getByTestId('agents').getByText('Working', { exact: true }).count()).toBe(3);
  });
});

describe('the board', () => {
  it('moves a bead while one looks', async () => {
    await open(`${townPath}/board`);
    await column('in_progress').locator('[data-bead-id="shop-3kf9"]').waitFor();
    await eventually(() => mock.subscriptions()).toContain('beads');
    mock.step();
    await column('in_review').locator('[data-bead-id="shop-3kf9"]').waitFor();
    expect(await card('shop-3kf9').count()).toBe(1);
  });
  it('is walked by arrow keys, and a drawer gives the focus back', async () => {
    await open(`${townPath}/board`);
    await card('shop-x91p').focus();
    await page.keyboard.press('ArrowDown');
    expect(await idOfFocus()).toBe('api-q2e8');
    await page.keyboard.press('ArrowRight');
    const opened = await idOfFocus();
    expect(opened).toMatch(/^shop-/);
    await page.keyboard.press('Enter');
    await page.getByTestId('bead-drawer').waitFor();
    expect(page.url()).toContain(`bead=${opened}`);
    await page.keyboard.press('Escape');
    await page.getByTestId('bead-drawer').waitFor({ state: 'detached' });
    await eventually(idOfFocus).toBe(opened);
  });
  it('shows the one status that a counter leads to, also after a reload, until all are asked for', async () => {
    await signIn();
    await page.getByTestId('counters').getByRole('link', { name: 'In review' }).click();
    await column('in_review').locator('[data-bead-id="shop-5t0z"]').waitFor();
    expect(await column('open').count()).toBe(0);
    await page.reload();
    await column('in_review').locator('[data-bead-id="shop-5t0z"]').waitFor();
    expect(await page.locator('[data-column]').count()).toBe(1);
    await page.getByRole('button', { name: 'Show all statuses' }).click();
    await column('open').waitFor();
    expect(new URL(page.url()).search).toBe('');
  });
  it('slings a new bead', async () => {
    await open(`${townPath}/board`);
    await page.getByRole('button', { name: 'New bead' }).click();
    await page.getByLabel('Title').fill('Say hello in the footer');
    await page.getByRole('button', { name: 'Sling it' }).click();
    await column('open').getByText('Say hello in the footer').waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(mock.town.events.at(-1)?.type).toBe('created');
  });
});

describe('drawers', () => {
  it('stack by address, and Escape closes the topmost first', async () => {
    await open(`${townPath}/board?agent=toast&bead=shop-3kf9`);
    await page.getByTestId('bead-drawer').getByRole('heading', { name: 'Refuse empty passwords at sign-up' }).waitFor();
    await page.getByTestId('agent-drawer').waitFor();
    await page.keyboard.press('Escape');
    await page.getByTestId('bead-drawer').waitFor({ state: 'detached' });
    expect(new URL(page.url()).search).toBe('?agent=toast');
    await page.keyboard.press('Escape');
    await page.getByTestId('agent-drawer').waitFor({ state: 'detached' });
    expect(new URL(page.url()).search).toBe('');
  });
  it('of a bead show what is wanted, why it waits, its timeline, commits and diff', async () => {
    await open(`${townPath}/board?bead=shop-x91p`);
    const drawer = page.getByTestId('bead-drawer');
    await drawer.getByText('Why is nothing happening?').waitFor();
    await drawer.getByTestId('dependencies').first().getByText('Refuse empty passwords at sign-up').click();
    const upper = page.getByTestId('bead-drawer').last();
    await upper.getByText('Done when').waitFor();
    await upper.getByRole('tab', { name: 'Timeline' }).click();
    await upper.getByTestId('timeline').getByText('Toast takes it on').waitFor();
    await upper.getByRole('tab', { name: 'Commits and changes' }).click();
    await upper.getByTestId('commits').getByText('Refuse empty passwords').first().waitFor();
    await upper.getByTestId('diff').getByText("if (password.trim() === '')").waitFor();
    expect(await upper.getByTestId('diff').getByText("if (password.trim() === '')").isVisible()).toBe(true);
  });
  it('of a failed bead show the reason', async () => {
    await open(`${townPath}/board?bead=api-z7c3`);
    await page.getByTestId('failure').getByText('Five attempts ended without a push').waitFor();
    expect(await page.getByTestId('failure').getByText('Five attempts ended without a push').isVisible()).toBe(true);
  });
  it('of an agent show the session with its tools, and go on live', async () => {
    await open(`${townPath}/agents?agent=toast`);
    const drawer = page.getByTestId('agent-drawer');
    const tool = drawer.getByTestId('tool-card').filter({ hasText: 'Find uses of password' });
    await tool.locator('summary').click();
    await tool.getByText('const password = body.password;').waitFor();
    await eventually(() => mock.subscriptions()).toContain('agent:toast');
    mock.delta('toast', { seq: 9, messageId: 'msg_9', role: 'assistant', kind: 'text', text: 'All **green** now.', atMs: Date.now() });
    await drawer.getByText('green', { exact: true }).waitFor();
    expect(await tool.count()).toBe(1);
  });
  it('of what does not exist say so', async () => {
    await open(`${townPath}?bead=shop-none`);
    await page.getByRole('heading', { name: 'There is no such bead' }).waitFor();
    expect(await page.getByRole('heading', { name: 'There is no such bead' }).isVisible()).toBe(true);
  });
  it('hold a bead and give one up with a reason', async () => {
    await open(`${townPath}/board?bead=api-q2e8`);
    const drawer = page.getByTestId('bead-drawer');
    await drawer.getByRole('button', { name: 'Hold' }).click();
    await drawer.getByRole('button', { name: 'Release' }).waitFor();
    await drawer.getByRole('button', { name: 'Give up' }).click();
    await page.getByLabel('Why').fill('The route goes away.');
    await page.getByRole('button', { name: 'Give it up' }).click();
    await drawer.getByTestId('failure').getByText('The route goes away.').waitFor();
    expect(await drawer.getByTestId('failure').getByText('The route goes away.').isVisible()).toBe(true);
  });
});

describe('repositories and settings', () => {
  it('connect a repository, with the error at the field until it can be reached', async () => {
    await open(`${townPath}/repositories`);
    await page.getByRole('button', { name: 'Connect' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Repository').fill('https://example.com/team/missing.git');
    expect(await dialog.getByLabel('Name', { exact: true }).inputValue()).toBe('missing');
    await dialog.getByRole('button', { name: 'Connect' }).click();
    await dialog.getByText('The repository cannot be reached').waitFor();
    expect(await dialog.getByLabel('Repository').getAttribute('aria-invalid')).toBe('true');
    await dialog.getByLabel('Repository').fill('/srv/git/website.git');
    await dialog.getByRole('button', { name: 'Connect' }).click();
    await page.getByRole('region', { name: 'website' }).waitFor();
  });
  it('say at the field what the repository lacks, and put the cursor there', async () => {
    await open(`${townPath}/repositories?connect=1`);
    const dialog = page.getByRole('dialog');
    /** What the refused field says; it has the focus then. */
    const refusedAt = async (label: string): Promise<string | null> => {
      await dialog.getByRole('button', { name: 'Connect' }).click();
      const field = dialog.getByLabel(label);
      await eventually(() => field.getAttribute('aria-invalid')).toBe('true');
      const id = (await field.getAttribute('aria-describedby')) ?? '';
      await eventually(() => field.evaluate((element) => element === document.activeElement)).toBe(true);
      return page.locator(`[id="${id}"]`).textContent();
    };
    await dialog.getByLabel('Repository').fill('https://example.com/team/empty.git');
    expect(await refusedAt('Repository')).toMatch(/^The repository has no commits yet\. Push a first commit/);
    await dialog.getByLabel('Repository').fill('https://example.com/team/private.git');
    expect(await refusedAt('Password or token')).toBe('The repository asks for a credential; give one that may push.');
    await dialog.getByLabel('Password or token').fill('token-123456');
    await dialog.getByLabel('Default branch').fill('trunk');
    expect(await refusedAt('Default branch')).toMatch(/^The repository has no branch trunk; it has main\./);
  });
  it('say that a field is missing once it was left, or when saving is tried', async () => {
    await open(`${townPath}/settings`);
    await page.getByLabel('Provider').first().selectOption({ label: 'OpenAI-compatible endpoint' });
    const address = page.getByLabel('Base URL');
    const model = page.getByRole('textbox', { name: 'Model' });
    await address.waitFor();
    expect(await page.locator('[aria-invalid=true]').count()).toBe(0);
    await address.focus();
    await model.focus();
    await page.getByText('Give the address up to and including /v1').waitFor();
    expect(await model.getAttribute('aria-invalid')).toBeNull();
    await address.fill('https://models.example.com/v1');
    await page.getByRole('button', { name: 'Save settings' }).click();
    await page.getByText('Name the model.').waitFor();
    expect(await model.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.getByLabel('Provider').first().focus();
    await page.getByLabel('Provider').first().selectOption({ label: 'Amazon Bedrock' });
    expect(await page.locator('[aria-invalid=true]').count()).toBe(0);
  });
  it('keep a key masked and send only what was changed', async () => {
    await open(`${townPath}/settings`);
    await page.getByLabel('Provider').first().selectOption({ label: 'OpenAI-compatible endpoint' });
    await page.getByLabel('Base URL').fill('https://models.example.com/v1');
    await page.getByRole('textbox', { name: 'Model' }).fill('big-1');
    await page.getByLabel('API key').fill('sk-secret-123456');
    await page.getByRole('button', { name: 'Save settings' }).click();
    await eventually(() => page.getByLabel('API key').inputValue()).toBe('****3456');
    await page.getByLabel('Rework rounds').fill('5');
    await page.getByRole('button', { name: 'Save settings' }).click();
    await eventually(() => mock.town.towns[0]?.config['merge.maxReworkRounds']).toBe(5);
    expect(mock.town.keys.get('default')).toBe('sk-secret-123456');
  });
});

describe('a lost connection', () => {
  it('shows a thin bar, heals by itself, and shows what happened meanwhile', async () => {
    await open(`${townPath}/board`);
    await column('in_progress').locator('[data-bead-id="shop-3kf9"]').waitFor();
    await eventually(() => mock.subscriptions()).toContain('beads');
    mock.setAway(true);
    const button = page.getByTestId('connection-lost').getByRole('button', { name: 'Try now' });
    await button.click();
    mock.step();
    mock.step();
    // The bar may heal by itself before a slower click would land.
    const again = await button.elementHandle();
    mock.setAway(false);
    await again?.evaluate((element) => element instanceof HTMLElement && element.click());
    await column('closed').locator('[data-bead-id="shop-3kf9"]').waitFor();
    await page.getByTestId('connection-lost').waitFor({ state: 'detached' });
    expect(await card('shop-3kf9').count()).toBe(1);
  });
});

describe('the build', () => {
  it('loads at most 200 KB of gzipped JavaScript before any lazy chunk', async () => {
    const scripts = new Set<string>();
    page.on('response', (response) => {
      if (response.request().resourceType() === 'script') scripts.add(new URL(response.url()).pathname);
    });
    await page.goto(`${mock.url}/sign-in`, { waitUntil: 'networkidle' });
    const folder = await builtDashboard();
    const bytes = [...scripts].reduce((total, path) => total + gzipSync(readFileSync(join(folder, path))).length, 0);
    expect(scripts.size).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(200 * 1024);
  });
  it('asks no other host for anything', async () => {
    const hosts = new Set<string>();
    page.on('request', (request) => hosts.add(new URL(request.url()).host));
    await open(`${townPath}?agent=toast`);
    await page.getByTestId('session').waitFor();
    expect([...hosts]).toEqual([new URL(mock.url).host]);
  });
});
