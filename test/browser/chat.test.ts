// The conversation with the Mayor in a real Chromium: where it stands, what is folded, what is said about what went wrong.
import { describe, expect, it } from 'vitest';
import type { MayorMessage } from '../../functions/contracts/town.schema.ts';
import { townId, userId } from './mock-town.ts';
import { eventually, townPath, visits } from './visit.ts';

const visit = visits();
const trace = `Error: getaddrinfo failed for the model host\n    at lookup (node:dns:1:2)\n    at connect (node:net:3:4)`;
const failure = `The Mayor could not answer: ${trace}. Send the message again; if it happens again, look at the model of the Mayor in the town's settings.`;

const said = (role: MayorMessage['role'], text: string, more: Partial<MayorMessage> = {}): void => {
  const { town } = visit().mock;
  town.messages.push({
    townId,
    userId,
    messageId: town.ulid(),
    role,
    text,
    state: role === 'user' ? 'answered' : 'final',
    at: new Date().toISOString(),
    version: 1,
    ...more,
  });
};
const log = () => visit().page.getByRole('log', { name: 'Conversation with the Mayor' });
/** Pixels below what is seen. */
const below = (): Promise<number> => log().evaluate((box) => Math.round(box.scrollHeight - box.scrollTop - box.clientHeight));
const box = () => visit().page.getByLabel('Message to the Mayor');

describe('the conversation', () => {
  it('opens at its end, though markdown comes later, and goes on with it until one scrolls up', async () => {
    for (let at = 0; at < 12; at += 1) said('mayor', `## Part ${at}\n\n- one\n- two\n\n\`\`\`\nnpm test\nnpm run lint\n\`\`\`\n\nDone.`);
    await visit().signIn();
    await log().getByRole('heading', { name: 'Part 11' }).waitFor();
    await eventually(below).toBe(0);
    await visit().page.reload();
    await log().getByRole('heading', { name: 'Part 11' }).waitFor();
    await eventually(below).toBe(0);
    await eventually(() => visit().mock.subscriptions()).toContain('mayor');
    said('mayor', '## Part 12\n\n- three\n- four');
    visit().mock.changed('mayor');
    await log().getByRole('heading', { name: 'Part 12' }).waitFor();
    await eventually(below).toBe(0);
    await log().hover();
    await visit().page.mouse.wheel(0, -400);
    await eventually(below).toBeGreaterThan(300);
    said('mayor', '## Part 13\n\n- five');
    visit().mock.changed('mayor');
    await log().getByRole('heading', { name: 'Part 13' }).waitFor();
    expect(await below()).toBeGreaterThan(300);
  });
  it('folds a long message until all of it is asked for, and stays there', async () => {
    said('user', Array.from({ length: 40 }, (_, at) => `Line ${at + 1} of the request`).join('\n'));
    await visit().signIn();
    const message = visit().page.getByTestId('message-user').last();
    const height = async (): Promise<number> => (await message.boundingBox())?.height ?? 0;
    const unfold = message.getByRole('button', { name: 'Show all' });
    await unfold.waitFor();
    expect(await height()).toBeLessThan(400);
    await unfold.click();
    await message.getByRole('button', { name: 'Show less' }).waitFor();
    await eventually(height).toBeGreaterThan(700);
    expect(await below()).toBeGreaterThan(100);
    expect(await visit().page.getByTestId('message-user').first().getByRole('button').count()).toBe(0);
  });
  it('shows the first line of what went wrong, the rest on request, and the way to the settings', async () => {
    said('user', 'Add a changelog', { state: 'failed', error: failure });
    await visit().signIn();
    const message = visit().page.getByTestId('message-user').last();
    await message.getByText('getaddrinfo failed for the model host').waitFor();
    expect(await message.textContent()).not.toContain('node:dns');
    await message.getByRole('button', { name: 'more' }).click();
    await message.getByText('node:dns').waitFor();
    await message.getByRole('link', { name: 'Open Settings' }).click();
    await visit().page.waitForURL(`**${townPath}/settings`);
    expect(new URL(visit().page.url()).pathname).toBe(`${townPath}/settings`);
  });
  it('says when a message gets too long, and cuts nothing', async () => {
    await visit().signIn();
    const { page } = visit();
    await box().fill('a'.repeat(30_000));
    await page.getByText('About 2,768 characters left.').waitFor();
    await box().fill('a'.repeat(33_000));
    await page.getByText('About 232 characters too long for one message').waitFor();
    expect(await page.getByRole('button', { name: 'Send' }).isDisabled()).toBe(true);
    await page.keyboard.press('Enter');
    expect((await box().inputValue()).length).toBe(33_000);
    await box().fill('Add a changelog');
    await eventually(() => page.locator('#mayor-room').textContent()).toBe('');
    expect(await page.getByRole('button', { name: 'Send' }).isEnabled()).toBe(true);
  });
});
