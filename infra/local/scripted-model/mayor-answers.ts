// What the scripted Mayor says when it starts no work. Pure texts; each starts with the line that people see beside its name.
import { counted } from '../../../functions/domain/words.ts';
import { startable, stateOf } from './plans.ts';
import type { RepositoryFacts } from './plans.ts';
import type { BeadRow, Sight } from './sight.ts';
import { exampleOf, exportOf, topics } from './topics.ts';
import type { Topic } from './topics.ts';

const beadsShown = 12;
const filesShown = 30;
const realModel = 'For anything else choose a real model under **Settings → Model**.';
const listOf = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
const topicWords = listOf(topics.map((topic) => topic.about));

/** Up to `count` requests that start work in this repository as it is now. */
const examples = (facts: RepositoryFacts, count: number): string[] =>
  topics
    .filter((topic) => startable(topic, facts).length > 0)
    .slice(0, count)
    .map(exampleOf);
const tryThese = (facts: RepositoryFacts): string => {
  const work = examples(facts, 2);
  return work.length === 0
    ? `Everything that this script knows is there or under way. ${realModel}`
    : `Try one of these:\n${[...work, 'How do things stand?'].map((each) => `- “${each}”`).join('\n')}\n\n${realModel}`;
};
const onOwnRepository = (name: string): string =>
  `“${name}” is not the demo's sample repository, and the script does not understand it: it would write placeholders. Choose a real model under **Settings → Model** before you ask for work.`;
const next = ({ rig, look }: Sight, facts: RepositoryFacts): string => (look.sample ? tryThese(facts) : onOwnRepository(rig.name));

export const greetingAnswer =
  '# At your service\nTell me what you want built or changed, and I start the work. “What can you do?” shows what I know.';
export const thanksAnswer = '# At your service\nYou are welcome.';
export const noRepositoryAnswer = '# No repository yet\nConnect a repository first; then I can start work on it.';

const whatATownDoes =
  'You say what you want; the Mayor cuts it into beads (pieces of work). Polecats (workers) write each bead in a clone of their own, with tests; the refinery reviews it, the gates must pass, and it is merged. You watch all of it here.';
const whatIAm = `I am the demo's Mayor: a script without a model behind it. I know a handful of topics for the sample repository (functions for ${topicWords}), can say how the work stands and which files there are, and understand short requests in English.`;
export const abilitiesWithoutRepository = `# What I can do\n${whatATownDoes}\n\n${whatIAm}\n\nNo repository is connected yet. ${realModel}`;
export const abilitiesAnswer = (sight: Sight, facts: RepositoryFacts): string =>
  `# What I can do\n${whatATownDoes}\n\n${whatIAm}\n\n${next(sight, facts)}`;

const beadLine = (bead: BeadRow): string => `- ${bead.id} ${bead.title}: ${bead.status.replace('_', ' ')}`;
export const progressAnswer = (beads: readonly BeadRow[]): string =>
  beads.length === 0
    ? '# All quiet\nThere is no work in this town yet.'
    : `# How things stand\n${beads.slice(0, beadsShown).map(beadLine).join('\n')}${beads.length > beadsShown ? `\n\nAnd ${counted(beads.length - beadsShown, 'more bead')}; see the board.` : ''}`;
export interface ConvoyProgress {
  readonly id: string;
  readonly title: string;
  readonly progress: { readonly total: number; readonly closed: number; readonly failed: number };
  readonly beads: readonly BeadRow[];
}
export const convoyAnswer = ({ id, title, progress, beads }: ConvoyProgress): string =>
  `# How convoy ${id} stands\n${title}: ${progress.closed} of ${progress.total} merged${progress.failed > 0 ? `, ${progress.failed} failed` : ''}.\n${beads.map(beadLine).join('\n')}`;

const codeFiles = (sight: Sight): string[] => [...sight.look.files].filter((path) => /^src\/.+\.[cm]?js$/.test(path)).toSorted();
export const repositoryAnswer = (sight: Sight, named: readonly Topic[]): string => {
  const { rig, look } = sight;
  const shown = [...look.files].toSorted().slice(0, filesShown);
  const count = look.fileCount ?? look.files.size;
  const lines = shown.map((path) => {
    const about = look.about.get(path);
    return `- \`${path}\`${about === undefined ? '' : `: ${about}`}`;
  });
  const hint = look.sample && named[0] !== undefined ? `\n\nIf you want work on that, say “${exampleOf(named[0])}”` : '';
  return `# Looked at ${rig.name}\nThere ${count === 1 ? 'is 1 file' : `are ${count} files`} in \`${rig.name}\`${lines.length === 0 ? '.' : `${shown.length < count ? `, among them` : ''}:\n${lines.join('\n')}`}\n\nI am only a script: I can list files and repeat their first comments, but not explain code.${hint}`;
};

export const suggestionsAnswer = (sight: Sight, facts: RepositoryFacts): string => {
  const open = topics.filter((topic) => startable(topic, facts).length > 0).slice(0, 3);
  if (!sight.look.sample) return `# Nothing to suggest\nI am only a script. ${onOwnRepository(sight.rig.name)}`;
  if (open.length === 0) return `# Nothing left to suggest\n${tryThese(facts)}`;
  const lines = open.map((topic) => `- ${topic.title} (${listOf(startable(topic, facts).map(exportOf))}): say “${exampleOf(topic)}”`);
  return `# Looked at ${sight.rig.name}\nI am only a script and cannot judge code, but I see which of the functions that I know are not in \`${sight.rig.name}\` yet. ${open.length === 1 ? 'This one is left' : 'Small additions that I can start'}:\n${lines.join('\n')}`;
};

export const testsAnswer = (sight: Sight, facts: RepositoryFacts): string => {
  const code = codeFiles(sight).filter((path) => !/\/index\.[cm]?js$/.test(path));
  const untested = code.filter((path) => !sight.look.files.has(path.replace(/^src\//, 'test/').replace(/(\.[cm]?js)$/, '.test$1')));
  const found =
    untested.length === 0
      ? `Each file with a function in \`src\` (${code.length}) has its test in \`test\`, so I start nothing.`
      : `These files have no test of their own: ${untested.map((path) => `\`${path}\``).join(', ')}. I am only a script and cannot write tests for code that I do not know.`;
  return `# Looked for missing tests\n${found}\n\n${tryThese(facts)}`;
};

export const questionAnswer = (sight: Sight, facts: RepositoryFacts): string =>
  `# I cannot answer that\nI am only a script without a model: I can say how the work stands and which files there are, and start a few kinds of work on the sample.\n\n${next(sight, facts)}`;

export const notUnderstood = (why: 'long' | 'words', facts: RepositoryFacts): string =>
  `# I did not understand that\n${
    why === 'long'
      ? 'Your message is longer than I can follow: I am only a script and look for a few words in short requests in English.'
      : `I am only a script without a model: I look for a few words in short requests in English, and add functions for ${topicWords}. I found nothing that I know in your message.`
  } I started no work.\n\n${tryThese(facts)}`;

export const nothingToStart = (topic: Topic, { rig, beads }: Sight, facts: RepositoryFacts): string => {
  const lines = topic.units.map((each) => {
    const name = exportOf(each);
    const bead = beads.find((row) => row.title === each.title || row.title === `Describe ${name}`);
    const state = stateOf(each, facts);
    return state === 'there'
      ? `- \`${name}\` is in \`${rig.name}\``
      : state === 'under way'
        ? `- \`${name}\` ${bead?.status === 'closed' ? 'was closed just now' : 'is on its way'}${bead === undefined ? '' : ` (${bead.id}, ${bead.status.replace('_', ' ')})`}`
        : `- \`${name}\` builds on one of these; ask again when that is merged`;
  });
  const arrived = topic.units.every((each) => stateOf(each, facts) === 'there');
  return `# ${arrived ? 'That is there already' : 'That is on its way already'}\n${topic.title} that I know:\n${lines.join('\n')}\n\nSo I start nothing twice. ${tryThese(facts)}`;
};
