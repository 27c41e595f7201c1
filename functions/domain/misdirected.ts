// Words to a worker that are meant for the Mayor: about the town, its plan or other beads. Plain rules, so that the same words always go the same way.
import { beadIdSchema } from '../contracts/primitives.schema.ts';

export interface Listener {
  readonly name: string;
  /** What it works on, or did last. */
  readonly beadId: string | undefined;
}

const toMayor = /^\W*(?:dear |hi |hey |hello )?mayor\b/i;
const townWords =
  /\b(?:convoys?|slings?|batch(?:es)?|rigs?|polecats?|refiner(?:y|ies)|budgets?|formulas?|escalations?|(?:another|a new|new|other|all|every|more) (?:beads?|tasks?|agents?|workers?|repositor(?:y|ies))|the town|(?:the|your) (?:roadmap|backlog)|priorit(?:y|ies|i[sz]e) of)\b/i;
const word = /[a-z0-9.-]+/g;

/** Beads that the words name, other than the listener's own and its steps. */
const otherBeads = (text: string, own: string | undefined): string[] =>
  [...text.matchAll(word)]
    .map(([found]) => found.replace(/[.-]+$/, ''))
    .filter((found) => beadIdSchema.safeParse(found).success && found !== own && !found.startsWith(`${own ?? '-'}.`));

/** Why the words belong to the Mayor; undefined when they are the listener's. `known`: which of the named ids are beads of the town. */
export const misdirected = (text: string, listener: Listener, known: (beadId: string) => boolean): string | undefined => {
  if (toMayor.test(text)) return 'it is addressed to the Mayor';
  const other = otherBeads(text, listener.beadId).find(known);
  if (other !== undefined) return `it is about ${other}, and ${listener.name} works on ${listener.beadId ?? 'nothing'}`;
  const said = townWords.exec(text)?.[0];
  return said === undefined ? undefined : `“${said.toLowerCase()}” is the Mayor's to decide`;
};
/** Ids in the words that may be beads. */
export const namedBeads = (text: string, own: string | undefined): string[] => [...new Set(otherBeads(text, own))].slice(0, 10);
