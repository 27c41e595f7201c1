// Directives in a request or a bead (`[scenario: red-gate]`) and the fenced blocks that say which files to write.

export const scenarios = ['red-gate', 'change-request', 'conflict', 'done-without-push', 'question', 'crash', 'slow', 'single'] as const;
export type Scenario = (typeof scenarios)[number];

/** Scenarios named in a text, e.g. `[scenario: red-gate]` or `[scenario: slow, crash]`. */
export const scenariosIn = (text: string): Set<Scenario> => {
  const named = [...text.matchAll(/\[scenario:\s*([a-z, -]+)\]/g)].flatMap((match) =>
    (match[1] ?? '').split(',').map((name) => name.trim()),
  );
  return new Set(scenarios.filter((scenario) => named.includes(scenario)));
};
export const directive = (wanted: Iterable<Scenario>): string => {
  const names = [...wanted];
  return names.length === 0 ? '' : `[scenario: ${names.join(', ')}]`;
};

/** `file` replaces a whole file, `append` adds lines at its end. */
export interface FileBlock {
  readonly how: 'file' | 'append';
  readonly path: string;
  readonly text: string;
}
const safePath = /^(?!\/)(?!.*\.\.)[A-Za-z0-9._/-]+$/;

export const fileBlocksIn = (text: string): FileBlock[] =>
  [...text.matchAll(/^(`{3,})(file|append) path=(\S+)\n([\s\S]*?)\n?^\1$/gm)].flatMap((match) => {
    const [, , how, path = '', body = ''] = match;
    return safePath.test(path)
      ? [{ how: how === 'append' ? 'append' : 'file', path, text: body.endsWith('\n') ? body : `${body}\n` } as const]
      : [];
  });
export const blockText = (block: FileBlock): string => `\`\`\`${block.how} path=${block.path}\n${block.text.trimEnd()}\n\`\`\``;

/** The text inside the first fenced quotation of a prompt (see functions/domain/prompts/quote.ts). */
export const quotedIn = (prompt: string): string => /^(`{4,})data from: [^\n]*\n([\s\S]*?)\n\1$/m.exec(prompt)?.[2] ?? prompt;

/** Words of a title as a file name. */
export const slugOf = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40)
    .replace(/-+$/, '') || 'note';

/** One shell word, whatever is in it. */
export const shellWord = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
