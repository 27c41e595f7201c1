// What only a person may do, in a real Chromium: start a plan, open a gate, stop a town and let it go on, delete it.
import { describe, expect, it } from 'vitest';
import { addSteps } from './mock-steps.ts';
import { eventually, townPath, visits } from './visit.ts';

const visit = visits();
const plan = 'hq-7b2m';
const makePlan = (): void => {
  const { town } = visit().mock;
  const bead = town.beads.get(plan);
  if (bead?.details.type !== 'convoy') throw new Error('the mock has no convoy');
  town.change(plan, { details: { ...bead.details, staged: true } });
};
const dialog = () => visit().page.getByRole('dialog').last();

describe('a plan', () => {
  it('is listed as one that waits, and started in its drawer', async () => {
    makePlan();
    await visit().open(`${townPath}/convoys`);
    const { page, mock } = visit();
    const plans = page.getByRole('region', { name: 'Plans that wait for you' });
    await plans.getByText('Plan', { exact: true }).waitFor();
    await plans.getByText('Password rules at sign-up').click();
    await page.getByTestId('explain').getByText('nothing is given out before it is started').waitFor();
    await page.getByTestId('bead-drawer').getByRole('button', { name: 'Start' }).click();
    await page.getByText(`${plan} is on its way`).waitFor();
    expect(mock.town.beads.get(plan)?.details).toMatchObject({ staged: false });
    await page.getByTestId('bead-drawer').getByText('Under way').waitFor();
    await plans.waitFor({ state: 'detached' });
  });
});

describe('a step of a bead', () => {
  it('that waits for a person goes on when they give the word', async () => {
    addSteps(visit().mock.town, 'shop-3kf9');
    await visit().open(`${townPath}/board?bead=shop-3kf9`);
    const steps = visit().page.getByTestId('steps');
    await steps.getByText('Steps of release · 1 of 3 over').waitFor();
    await steps.getByText('It waits for approval.').waitFor();
    await steps.getByRole('button', { name: 'Give the word' }).click();
    await steps.getByText('Next', { exact: true }).waitFor();
    expect(await steps.getByText('Waits', { exact: true }).count()).toBe(0);
  });
});

describe('a town', () => {
  it('is stopped in its settings, says so, and goes on from the overview', async () => {
    await visit().open(`${townPath}/settings`);
    const { page, mock } = visit();
    await page.getByRole('button', { name: 'Stop the town' }).click();
    await dialog().getByLabel('Why (optional)').fill('It pushed nonsense');
    await dialog().getByRole('button', { name: 'Stop it' }).click();
    await page.getByText('The overview has the way on').waitFor();
    expect(mock.town.towns[0]?.stopped?.reason).toBe('It pushed nonsense');
    await page.goto(`${mock.url}${townPath}`);
    await page.getByText('Stopped', { exact: true }).waitFor();
    const banner = page.getByRole('alert').filter({ hasText: 'The town was stopped' });
    expect(await banner.textContent()).toMatch(/: It pushed nonsense\. Nothing of it runs, and nothing moves before you let it go on\./);
    await banner.getByRole('button', { name: 'Let it go on' }).click();
    await banner.waitFor({ state: 'detached' });
    expect(mock.town.towns[0]?.stopped).toBeUndefined();
  });
  it('that still has something running cannot go on yet', async () => {
    const { mock } = visit();
    const [first] = mock.town.towns;
    if (first === undefined) throw new Error('the mock has no town');
    const at = new Date().toISOString();
    const stopped = { at, by: 'user:ada', agents: [], executions: [], commands: [], stillRuns: ['runtime 12'] };
    mock.town.towns = [{ ...first, stopped }];
    await visit().open(townPath);
    const banner = visit().page.getByRole('alert').filter({ hasText: '1 thing of it may still run' });
    expect(await banner.getByRole('button', { name: 'Let it go on' }).isDisabled()).toBe(true);
  });
  it('is deleted when its name is typed', async () => {
    await visit().open(`${townPath}/settings`);
    const { page, mock } = visit();
    const name = mock.town.towns[0]?.name ?? '';
    await page.getByRole('button', { name: 'Delete the town' }).click();
    const confirm = dialog().getByRole('button', { name: 'Delete it' });
    expect(await confirm.isDisabled()).toBe(true);
    await dialog().getByLabel(`Type “${name}” to confirm`).fill(name);
    await confirm.click();
    await page.getByText(`${name} is deleted`).waitFor();
    await eventually(() => mock.town.towns.length).toBe(0);
    await page.getByText('Create your first town').waitFor();
  });
});
