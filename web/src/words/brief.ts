// Long texts of machines for people: what is shown at first, and what they are about. Pure.
const mostCharacters = 300;

export interface BriefWords {
  readonly text: string;
  readonly isCut: boolean;
}
/** Providers answer in JSON; people read its message. Works on a cut answer, too. */
const withoutJson = (line: string): string =>
  line.replace(/\{.*?"message"\s*:\s*"((?:[^"\\]|\\.)+)".*/, (_json, message: string) => message.replaceAll(/\\(.)/g, '$1'));

/** The first line, cut after a word. Stack traces and outputs begin on the lines after it. */
export const briefOf = (text: string): BriefWords => {
  const whole = text.trim();
  const line = withoutJson(whole.split('\n', 1)[0]?.trimEnd() ?? '');
  if (line.length <= mostCharacters) return { text: line, isCut: line !== whole };
  const cut = line.slice(0, mostCharacters);
  const lastSpace = cut.lastIndexOf(' ');
  return { text: `${cut.slice(0, lastSpace > mostCharacters / 2 ? lastSpace : mostCharacters)}…`, isCut: true };
};

/** The text says that the model is at fault, or to look at its settings. */
export const isAboutModel = (text: string): boolean =>
  /\bmodel (endpoint|address|provider)\b|\bmodel\b[^.]*\bsettings\b|\bsettings\b[^.]*\bmodel\b/i.test(text);
