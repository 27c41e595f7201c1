import { expect, it } from 'vitest';
import { askedIn } from './asked.ts';

it('takes one word with a slash or the ending of a file for a path, anything else for words', () => {
  expect(askedIn(' src/billing ')).toEqual({ path: 'src/billing' });
  expect(askedIn('./src/app.ts')).toEqual({ path: 'src/app.ts' });
  expect(askedIn('README.md')).toEqual({ path: 'README.md' });
  expect(askedIn('and/or invoices')).toEqual({ q: 'and/or invoices' });
  expect(askedIn('invoice numbers')).toEqual({ q: 'invoice numbers' });
  expect(askedIn('  ')).toBeUndefined();
});
