// Forms of the dashboard in a real Chromium: they show what is stored, and say what is wrong.
import { describe, expect, it } from 'vitest';
import { eventually, townPath, visits } from './visit.ts';

const visit = visits();
const card = (beadId: string) => visit().page.locator(`[data-testid=bead-card][data-bead-id="${beadId}"]`);

describe('a choice shows what is stored', () => {
  /** The label of the chosen option, as it is seen. */
  const shown = (label: string, nth = 0): Promise<string> =>
    visit()
      .page.getByLabel(label, { exact: true })
      .nth(nth)
      .evaluate((element) => (element instanceof HTMLSelectElement ? (element.selectedOptions[0]?.textContent ?? '') : 'no choice'));

  it('in the settings: the provider of each model', async () => {
    const first = visit().mock.town.towns[0];
    if (first === undefined) throw new Error('the mock has no town');
    const models = {
      'models.default': { kind: 'openai-compatible', baseUrl: 'https://models.example.com/v1', model: 'big-1' },
      'models.mayor': { kind: 'bedrock', model: 'large-2' },
    } as const;
    visit().mock.town.towns = [{ ...first, config: { ...first.config, ...models } }];
    await visit().open(`${townPath}/settings`);
    await visit().page.getByLabel('Base URL').waitFor();
    expect(await shown('Provider')).toBe('OpenAI-compatible endpoint');
    expect(await shown('Provider', 1)).toBe('Amazon Bedrock');
  });
  it('of a bead: its priority, when it is made and when it is edited', async () => {
    await visit().open(`${townPath}/board`);
    await visit().page.getByRole('button', { name: 'New bead' }).click();
    await visit().page.getByRole('dialog').waitFor();
    expect(await shown('Priority')).toBe('Medium');
    await visit().page.keyboard.press('Escape');
    await card('api-q2e8').click();
    await visit().page.getByTestId('bead-drawer').getByRole('button', { name: 'Edit' }).click();
    await visit().page.getByLabel('Priority', { exact: true }).waitFor();
    expect(await shown('Priority')).toBe('Medium');
  });
  it('of a gate: who runs it', async () => {
    await visit().open(`${townPath}/repositories`);
    await visit().page.getByRole('region', { name: 'shop', exact: true }).getByRole('button', { name: 'Gates and name' }).click();
    await visit().page.getByRole('group', { name: 'Gate 2' }).waitFor();
    expect([await shown('Run by'), await shown('Run by', 1)]).toEqual(['Both', 'Merge only']);
  });
  it('of the board: the repository and the status of the address', async () => {
    await visit().open(`${townPath}/board?rig=r-3h7q9w2x&status=failed`);
    await card('api-z7c3').waitFor();
    await eventually(() => shown('Repository')).toBe('orders-api');
    expect(await shown('Status')).toBe('Failed');
  });
});

describe('connecting a repository', () => {
  it('takes back what was said of a field when it is changed, and writes a host name as it is', async () => {
    await visit().open(`${townPath}/repositories?connect=1`);
    const dialog = visit().page.getByRole('dialog');
    const field = dialog.getByLabel('Repository');
    await field.fill('https://no-such-host.invalid/shop.git');
    await dialog.getByRole('button', { name: 'Connect' }).click();
    await dialog.getByText('no-such-host.invalid cannot be reached').waitFor();
    expect(await dialog.getByRole('alert').textContent()).toMatch(/^no-such-host\.invalid cannot be reached/);
    await field.fill('https://example.com/shop.git');
    await eventually(() => dialog.getByRole('alert').count()).toBe(0);
    expect(await field.getAttribute('aria-invalid')).toBeNull();
  });
  it('says that ~ is not expanded', async () => {
    await visit().open(`${townPath}/repositories?connect=1`);
    const dialog = visit().page.getByRole('dialog');
    await dialog.getByLabel('Repository').fill('~/shop');
    await dialog.getByText('~ is not expanded here. Give the full path').waitFor();
    await dialog.getByLabel('Repository').fill('/home/ada/shop');
    await dialog.getByText('~ is not expanded here').waitFor({ state: 'detached' });
    expect(await dialog.getByLabel('Repository').getAttribute('aria-invalid')).toBeNull();
  });
});

describe('numbers in the settings', () => {
  it('say what is wrong when they are left, and are not sent', async () => {
    await visit().open(`${townPath}/settings`);
    const { page } = visit();
    const field = page.getByLabel('Workers per repository');
    await eventually(() => field.inputValue()).toBe('5');
    await field.fill('0');
    expect(await field.getAttribute('aria-invalid')).toBeNull();
    await field.blur();
    await page.getByText('Give a whole number from 1 to 50.').waitFor();
    await page.getByRole('button', { name: 'Save settings' }).click();
    await eventually(() => field.evaluate((element) => element === document.activeElement)).toBe(true);
    await field.fill('');
    await field.blur();
    await page.getByText('Give a whole number from 1 to 50.').waitFor();
    await field.fill('7');
    await page.getByRole('button', { name: 'Save settings' }).click();
    await eventually(() => visit().mock.town.towns[0]?.config['limits.maxPolecatsPerRig']).toBe(7);
  });
});

describe('all settings', () => {
  const row = (key: string) => visit().page.locator(`[data-setting="${key}"]`);

  it('are set and taken away for the town or a repository, with what is wrong said at the field', async () => {
    await visit().open(`${townPath}/settings/all`);
    const { page, mock } = visit();
    const budget = row('budget.dayUsd');
    await budget.getByText('Built in', { exact: true }).waitFor();
    await budget.getByLabel('budget.dayUsd').fill('-3');
    await budget.getByRole('button', { name: 'Save' }).click();
    await budget.getByRole('alert').waitFor();
    expect(await budget.getByLabel('budget.dayUsd').getAttribute('aria-invalid')).toBe('true');
    await budget.getByLabel('budget.dayUsd').fill('12');
    await budget.getByRole('button', { name: 'Save' }).click();
    await budget.getByText('Set for the town').waitFor();
    expect(mock.town.towns[0]?.config['budget.dayUsd']).toBe(12);
    await budget.getByRole('button', { name: 'Take away' }).click();
    await budget.getByText('Built in', { exact: true }).waitFor();
    expect(mock.town.towns[0]?.config).not.toHaveProperty('budget.dayUsd');
    await page.getByLabel('For', { exact: true }).selectOption({ label: 'shop' });
    const review = row('merge.codeReview');
    await review.getByLabel('merge.codeReview').selectOption('false');
    await review.getByRole('button', { name: 'Save' }).click();
    await review.getByText('Set for the repository').waitFor();
    expect(mock.town.rigs.find((rig) => rig.name === 'shop')?.config).toEqual({ 'merge.codeReview': false });
    expect(await row('budget.dayUsd').count()).toBe(0);
    await page.getByLabel('Find').fill('rework');
    await eventually(() => page.locator('[data-setting]').count()).toBeLessThan(6);
  });
});
