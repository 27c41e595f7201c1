// What drawers, the feed and the frame say, in a real Chromium.
import { describe, expect, it } from 'vitest';
import { townId, userId } from './mock-town.ts';
import { eventually, townPath, visits } from './visit.ts';

const visit = visits();
const drawer = () => visit().page.getByTestId('bead-drawer').last();

describe('a drawer', () => {
  it('of a merge request says what was done', async () => {
    visit().mock.town.change('shop-mr13', { body: 'Dates are shown in the time zone of the reader.' });
    await visit().open(`${townPath}/merges?bead=shop-mr13`);
    await drawer().getByRole('heading', { name: 'What was done' }).waitFor();
    expect(await drawer().getByRole('heading', { name: 'What is wanted' }).count()).toBe(0);
  });
  it('of a bead in review says so in one sentence, with the way to its merge request', async () => {
    await visit().open(`${townPath}/board?bead=shop-5t0z`);
    const explain = drawer().getByTestId('explain');
    await explain.getByText('is being reviewed by the refinery').waitFor();
    expect(await explain.locator('.brief').textContent()).toBe('Its merge request shop-mr12 is being reviewed by the refinery.');
    await explain.getByRole('link', { name: 'shop-mr12' }).click();
    await drawer().getByText('Merge request', { exact: true }).first().waitFor();
  });
  it('shows who made a bead, also where no event says so', async () => {
    await visit().open(`${townPath}/board?bead=shop-x91p`);
    await drawer().getByRole('tab', { name: 'Timeline' }).click();
    await drawer().getByTestId('timeline').getByText('The Mayor created a bead').waitFor();
    expect(await drawer().getByTestId('timeline').getByRole('listitem').count()).toBe(1);
  });
  it('has links in its facts that look like links', async () => {
    await visit().open(`${townPath}/board?bead=shop-3kf9`);
    const colour = (name: string): Promise<string> =>
      drawer()
        .getByRole('link', { name, exact: true })
        .evaluate((element) => getComputedStyle(element).color);
    await drawer().getByRole('link', { name: 'hq-7b2m', exact: true }).waitFor();
    expect(await colour('hq-7b2m')).toBe(await colour('Toast'));
  });
  it('of an agent shows the first line of why it stopped, and the rest on request', async () => {
    visit().mock.town.changeAgent('birch', { lastExit: 'Error: the process ended\n    at spawn (child.ts:1:2)' });
    await visit().open(`${townPath}/agents?agent=birch`);
    const agent = visit().page.getByTestId('agent-drawer');
    await agent.getByRole('tab', { name: 'Details' }).click();
    await agent.getByText('Error: the process ended').last().waitFor();
    expect(await agent.textContent()).not.toContain('child.ts');
    await agent.getByRole('button', { name: 'more' }).click();
    await agent.getByText('child.ts').waitFor();
  });
  it('of an agent shows its record: what it has done, what that cost, with which models and in which languages', async () => {
    await visit().open(`${townPath}/agents?agent=birch`);
    const agent = visit().page.getByTestId('agent-drawer');
    await agent.getByRole('tab', { name: 'Details' }).click();
    const record = agent.getByTestId('agent-record');
    for (const text of ['75 %', '1 h 32 min', '$1.28', 'claude-sonnet-4-5', 'TypeScript (17 files), SQL (2 files)'])
      await record.getByText(text, { exact: true }).waitFor();
    expect(await record.getByRole('alert').count()).toBe(0);
  });
});

describe('a line about an agent', () => {
  it('names the repository of a refinery where there are several, and the convoy of one that has a refinery of its own', async () => {
    const { town } = visit().mock;
    town.changeAgent('refinery-r-8d2k1m0p', { name: 'Refinery' });
    const refinery = town.agents.get('refinery-r-8d2k1m0p');
    if (refinery === undefined) throw new Error('the mock has no refinery');
    town.agents.set('refinery-hq-7b2m', { ...refinery, agentId: 'refinery-hq-7b2m' });
    await visit().open(`${townPath}/agents`);
    await visit().page.getByTestId('agents').getByText('Refinery of shop').waitFor();
    expect(await visit().page.getByTestId('agents').getByText('Refinery of shop').count()).toBe(1);
    await visit().page.getByTestId('agents').getByText('Refinery of hq-7b2m').waitFor();
  });
  it('does not show the answer to an earlier message while the Mayor works on a new one', async () => {
    const { town, changed } = visit().mock;
    town.changeAgent('mayor', {
      state: 'working',
      statusLine: { text: 'All three are merged.', at: new Date(Date.now() - 60_000).toISOString() },
    });
    await visit().signIn();
    const mayor = visit().page.getByTestId('agents').locator('[data-agent-id=mayor]');
    await mayor.getByText('All three are merged.').waitFor();
    await eventually(() => visit().mock.subscriptions()).toContain('mayor');
    const at = new Date().toISOString();
    town.messages.push({ townId, userId, messageId: town.ulid(), role: 'user', text: 'And now?', state: 'working', at, version: 1 });
    changed('mayor');
    await mayor.getByText('Works on your message').waitFor();
    expect(await mayor.getByText('All three are merged.').count()).toBe(0);
  });
  it('says in the feed what is being reviewed', async () => {
    await visit().signIn();
    const line = visit().page.getByTestId('feed').locator('[data-event-type=hooked]');
    await line.getByText('Being reviewed by the Refinery').waitFor();
    expect(await line.getByRole('link').textContent()).toBe('Cart total is wrong with two vouchers');
  });
});

describe('the frame', () => {
  it('keeps the chat in view while the connection is lost', async () => {
    await visit().signIn();
    const box = visit().page.getByLabel('Message to the Mayor');
    await box.waitFor();
    await eventually(() => visit().mock.subscriptions()).toContain('mayor');
    visit().mock.setAway(true);
    await visit().page.getByTestId('connection-lost').waitFor();
    const end = await box.evaluate((element) => element.getBoundingClientRect().bottom);
    expect(end).toBeLessThan(900);
    expect(await visit().page.evaluate(() => document.documentElement.scrollHeight <= window.innerHeight)).toBe(true);
  });
  it('shows its own address where one signs in', async () => {
    await visit().page.goto(`${visit().mock.url}/sign-in`);
    await visit().page.getByText('/sign-in?code=').waitFor();
    expect(await visit().page.getByText('/sign-in?code=').textContent()).toBe(`${visit().mock.url}/sign-in?code=…`);
  });
});
