import { describe, expect, it } from 'vitest';
import { briefOf, isAboutModel } from './brief.ts';

describe('a long text', () => {
  it('is shown by its first line', () => {
    expect(briefOf('Error: it broke\n    at run (file.ts:1:2)')).toEqual({ text: 'Error: it broke', isCut: true });
    expect(briefOf('It broke.\n')).toEqual({ text: 'It broke.', isCut: false });
  });
  it('that carries the JSON of a provider is shown by its message', () => {
    const answered = 'The model endpoint answered 401: {"error":{"message":"Incorrect key \\"sk\\" provided","type":"invalid"}}';
    expect(briefOf(answered)).toEqual({ text: 'The model endpoint answered 401: Incorrect key "sk" provided', isCut: true });
  });
  it('of one line is cut after a word', () => {
    const { text, isCut } = briefOf('word '.repeat(200));
    expect(isCut).toBe(true);
    expect(text).toMatch(/word…$/);
    expect(text.length).toBeLessThanOrEqual(301);
  });
});
describe('what is about the model', () => {
  it('is told from other faults', () => {
    expect(isAboutModel("Send it again; if it happens again, look at the model of the Mayor in the town's settings.")).toBe(true);
    expect(isAboutModel('The model endpoint answered 401: invalid key')).toBe(true);
    expect(isAboutModel('The contract test fails. The settings page is red.')).toBe(false);
  });
});
