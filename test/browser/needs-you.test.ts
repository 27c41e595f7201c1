// What the town asks a person for, in a real Chromium: the model that cannot be used, escalations, the demo model on one's own code.
import { describe, expect, it } from 'vitest';
import { newBead } from '../../functions/domain/new-bead.ts';
import { townId, userId } from './mock-town.ts';
import { eventually, townPath, visits } from './visit.ts';

const visit = visits();
const refusal = 'The model endpoint answered 401: the key is not valid\n    at callModel (proxy.ts:1:2)';
const now = (): string => new Date().toISOString();
const alerts = () => visit().page.getByRole('alert').filter({ hasText: 'cannot be used' });

const useModel = (): void => {
  const { town } = visit().mock;
  const models = { 'models.default': { kind: 'openai-compatible', baseUrl: 'https://models.example.com/v1', model: 'big-1' } } as const;
  town.towns = town.towns.map((known) => ({ ...known, config: { ...known.config, ...models } }));
};
const escalate = (beadId: string, title: string, aboutBeadId: string): void => {
  visit().mock.town.beads.set(
    beadId,
    newBead({
      townId,
      beadId,
      title,
      requestedBy: userId,
      createdBy: 'patrol:A1',
      at: now(),
      details: { type: 'escalation', severity: 'medium', category: 'help', source: 'patrol:A1', aboutBeadId },
    }),
  );
};

describe('a model that cannot be used', () => {
  it('is said once on the overview, by its name and the reason, with the way to its settings', async () => {
    useModel();
    for (const agentId of ['birch', 'maple']) visit().mock.town.changeAgent(agentId, { state: 'idle', lastExit: refusal });
    await visit().signIn();
    await alerts().getByText('The model big-1 cannot be used:').waitFor();
    expect(await alerts().count()).toBe(1);
    expect(await alerts().textContent()).toContain('The model endpoint answered 401: the key is not valid');
    expect(await alerts().textContent()).not.toContain('proxy.ts');
    expect(await visit().page.getByTestId('agents').textContent()).not.toContain('proxy.ts');
    await alerts().getByRole('link', { name: 'Check Settings → Model' }).click();
    await visit().page.getByRole('region', { name: 'Model', exact: true }).waitFor();
    expect(new URL(visit().page.url()).pathname).toBe(`${townPath}/settings`);
  });
  it('is said when the Mayor could not answer, until an answer comes', async () => {
    useModel();
    const { town } = visit().mock;
    const error = `The Mayor could not answer: ${refusal}. Send the message again; if it happens again, look at the model of the Mayor in the town's settings.`;
    const ask = (state: 'failed' | 'answered', more: { error?: string }): void => {
      town.messages.push({ townId, userId, messageId: town.ulid(), role: 'user', text: 'Hello', state, at: now(), version: 1, ...more });
      visit().mock.changed('mayor');
    };
    ask('failed', { error });
    await visit().signIn();
    await alerts().getByText('The model big-1 cannot be used:').waitFor();
    await eventually(() => visit().mock.subscriptions()).toContain('mayor');
    ask('answered', {});
    await alerts().waitFor({ state: 'detached' });
    expect(await alerts().count()).toBe(0);
  });
  it('is not said after the settings were changed', async () => {
    useModel();
    const { town } = visit().mock;
    town.changeAgent('birch', { state: 'idle', lastExit: refusal });
    town.towns = town.towns.map((known) => ({ ...known, updatedAt: new Date(Date.now() + 1000).toISOString() }));
    await visit().signIn();
    await visit().page.getByText('Needs you:').first().waitFor();
    expect(await alerts().count()).toBe(0);
  });
});

describe('escalations', () => {
  it('of the same kind are one line with a count, and lead to what they are about', async () => {
    escalate('hq-e001', 'shop-mr12 waits for a review: the refinery could not work', 'shop-mr12');
    escalate('hq-e002', 'shop-mr13 waits for a review: the refinery could not work', 'shop-mr13');
    escalate('hq-e003', 'api-mr04 waits for a review: the refinery could not work', 'api-mr04');
    await visit().signIn();
    const { page } = visit();
    await page.getByText('Needs you:').first().waitFor();
    expect(await page.getByText('Needs you:').count()).toBe(2);
    await page.getByRole('button', { name: 'and 2 more like it' }).click();
    await page.getByRole('link', { name: 'shop-mr13 waits for a review: the refinery could not work', exact: true }).click();
    await page.getByTestId('bead-drawer').getByText('Merge request', { exact: true }).first().waitFor();
    expect(new URL(page.url()).search).toBe('?bead=shop-mr13');
  });
});

describe("the demo model on one's own code", () => {
  const warning = () => visit().page.getByText('This town uses the demo model');
  it('is warned of in the chat and for a new bead', async () => {
    await visit().signIn();
    await warning().waitFor();
    await visit().page.goto(`${visit().mock.url}${townPath}/board`);
    await visit().page.getByRole('button', { name: 'New bead' }).click();
    await visit().page.getByRole('dialog').getByText('This town uses the demo model').waitFor();
    expect(await warning().count()).toBe(1);
  });
  it('is not warned of on the sample repository', async () => {
    const { town } = visit().mock;
    town.rigs = town.rigs.map((rig) => ({ ...rig, gitUrl: '/srv/data/sample.git' }));
    await visit().signIn();
    await visit().page.getByTestId('message-mayor').first().waitFor();
    expect(await warning().count()).toBe(0);
  });
});
