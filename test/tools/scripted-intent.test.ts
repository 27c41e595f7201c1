// What the scripted Mayor takes a message for: an answer, a topic to work on, or nothing that it knows.
import { describe, expect, it } from 'vitest';
import { intentOf } from '../../infra/local/scripted-model/intent.ts';
import { exampleOf, topics } from '../../infra/local/scripted-model/topics.ts';

const taken = (text: string): string => {
  const intent = intentOf(text);
  return intent.kind === 'work' ? intent.topics[0].title : intent.kind === 'unknown' ? `unknown: ${intent.why}` : intent.kind;
};

describe('a question or a greeting is answered', () => {
  it.each([
    ['Hello!', 'greeting'],
    ['hi mayor', 'greeting'],
    ['Good morning, how are you today?', 'greeting'],
    ['Thanks a lot.', 'thanks'],
    ['What can you do for me?', 'abilities'],
    ['what can you do', 'abilities'],
    ['Hello, who are you?', 'abilities'],
    ['help', 'abilities'],
    ['How does this work?', 'abilities'],
    ['Which model are you?', 'abilities'],
    ['What does the function in src do, and how many files are there?', 'repository'],
    ['Could you tell me what the function in src does?', 'repository'],
    ['List the files', 'repository'],
    ['Are there tests for the string functions?', 'repository'],
    ['How do I add a date function?', 'abilities'],
    ['Is there a function to add numbers?', 'repository'],
    ['How many beads are open?', 'progress'],
    ['How is it going?', 'progress'],
    ['How do things stand?', 'progress'],
    ['Status, please', 'progress'],
    ['Give me a list of open beads', 'progress'],
    ['Give me an overview of the repository', 'repository'],
    ['Is the convoy done?', 'progress'],
    ['Look at the repository and suggest three small improvements.', 'suggestions'],
    ['What should be added next?', 'suggestions'],
    ['Add tests where they are missing.', 'tests'],
    ['Can you write some unit tests?', 'tests'],
    ['Why is the sky blue?', 'question'],
    ['Was kannst du für mich tun?', 'question'],
    ['你能做什么？', 'question'],
  ])('%s → %s', (text, expected) => {
    expect(taken(text)).toBe(expected);
  });
});

describe('a request is work on the topic that it names', () => {
  it.each([
    ['Please add a few string functions to the library, with tests.', 'String functions'],
    ['Add string functions.', 'String functions'],
    ['some string helpers, please', 'String functions'],
    ['I mean: add string functions', 'String functions'],
    ['Giraffe: add a date function', 'Date functions'],
    ['Can you add a date function?', 'Date functions'],
    ['Could you please add functions for dates', 'Date functions'],
    ['Hello! We have nothing for months yet. Would you mind adding something?', 'Date functions'],
    ['Look at the code and add a few list functions.', 'List functions'],
    ["I'd like a function that cuts an array into chunks", 'List functions'],
    ['Write a function that sums a list of numbers.', 'Number functions'],
    ['Add statistics', 'Number functions'],
    ['We need object functions: pick and omit', 'Object functions'],
    ['Please implement validation of e-mail addresses', 'Validation functions'],
  ])('%s → %s', (text, expected) => {
    expect(taken(text)).toBe(expected);
  });
  it('knows every topic by the example that it gives for it', () => {
    expect(topics.map((topic) => taken(exampleOf(topic)))).toEqual(topics.map((topic) => topic.title));
  });
  it('keeps the second topic of a request, to say that it is not taken', () => {
    expect(intentOf('Add string and number functions.')).toMatchObject({
      kind: 'work',
      topics: [{ title: 'String functions' }, { title: 'Number functions' }],
    });
  });
});

describe('what it does not know starts nothing', () => {
  it.each([
    ['Füge bitte ein paar String-Funktionen mit Tests hinzu.', 'unknown: words'],
    ['请添加一些字符串函数。', 'unknown: words'],
    ['Remove the string functions.', 'unknown: words'],
    ['Can you rename the list functions?', 'unknown: words'],
    ['Do not add any string functions.', 'unknown: words'],
    ['Add a dark theme.', 'unknown: words'],
    ['Add a section about strings to the README', 'unknown: words'],
    ['The context of this assumption is a summary of the listing.', 'unknown: words'],
    ['x', 'unknown: words'],
    ['We do not need list functions', 'unknown: words'],
    ['The string functions are broken.', 'unknown: words'],
  ])('%s → %s', (text, expected) => {
    expect(taken(text)).toBe(expected);
  });
  it('does not search a document for a topic, though it would find each', () => {
    const text = 'Add a string function. A list of words and numbers. '.repeat(600);
    expect(taken(text)).toBe('unknown: long');
    expect(taken(`${text} Understood?`)).toBe('question');
  });
  it('reads 30 000 characters of anything at once', () => {
    const startMs = performance.now();
    for (const piece of ['a', 'hi ', '. ', 'add ', '?', 'can you ', '\n', 'thanks! ']) intentOf(piece.repeat(30_000 / piece.length));
    for (const piece of ['a', 'hi ', '. ', 'add ', 'can you ', 'the ', 'thanks! ']) intentOf(piece.repeat(Math.floor(2000 / piece.length)));
    expect(performance.now() - startMs).toBeLessThan(1000);
  });
});
