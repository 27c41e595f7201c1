// Search in a real Chromium: by words and by path, further back, to the bead behind it.
import { expect, it } from 'vitest';
import { townPath, visits } from './visit.ts';

const visit = visits();

it('finds work by words, opens its bead, and goes further back until nothing is left', async () => {
  const { page, open } = visit();
  await open(`${townPath}/search`);
  await page.getByText('What are you looking for?').waitFor();
  await page.getByLabel('Search this town').fill('password');
  await page.getByLabel('Search this town').press('Enter');
  await page.getByTestId('search-result').first().waitFor();
  await page.getByText(/^Searched back to /).waitFor();
  const found = await page.getByTestId('search-result').count();
  await page.getByRole('button', { name: 'Search further' }).click();
  await page.getByRole('button', { name: 'Search further' }).waitFor({ state: 'detached' });
  expect(await page.getByTestId('search-result').count()).toBe(found);
  await page.getByTestId('search-result').filter({ hasText: 'Refuse empty passwords' }).click();
  await page.getByRole('dialog').getByText('shop-3kf9').first().waitFor();
  expect(new URL(page.url()).searchParams.get('q')).toBe('password');
});

it('tells for a path who touched it last and why, with the notes that lie there', async () => {
  const { page, open } = visit();
  await open(`${townPath}/search?q=src/signup`);
  await page.getByTestId('touched-row').first().waitFor();
  expect(await page.getByTestId('touched-row').first().textContent()).toContain('src/signup/form.ts');
  expect(await page.getByTestId('note-row').textContent()).toContain('The order of the checks matters');
  await page.getByLabel('Kind').selectOption('note');
  expect(new URL(page.url()).searchParams.get('kind')).toBe('note');
  await page.getByTestId('touched-row').first().click();
  await page.getByRole('dialog').first().waitFor();
});

it('says so when nothing was found', async () => {
  const { page, open } = visit();
  await open(`${townPath}/search?q=zeppelin`);
  await page.getByText('Nothing was found').waitFor();
  expect(await page.getByTestId('search-result').count()).toBe(0);
});
