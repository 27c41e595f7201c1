// What a message to the scripted Mayor wants, from its words alone. English only; whatever it does not understand is `unknown`. Pure.
import { topicsIn } from './topics.ts';
import type { Topic } from './topics.ts';

export type Intent =
  | { readonly kind: 'greeting' | 'thanks' | 'abilities' | 'progress' | 'repository' | 'suggestions' | 'question' | 'tests' }
  /** Functions are asked for; the topic that is named best comes first. */
  | { readonly kind: 'work'; readonly topics: readonly [Topic, ...Topic[]] }
  | { readonly kind: 'unknown'; readonly why: 'long' | 'words' };

/** Requests are a sentence or two; a longer text would name some topic by chance. */
const longestCharacters = 2000;
/** A few words without a verb ("some date helpers, please") are a request; a longer text is not. */
const fewWords = 12;

const alternatives = (words: string): string => words.trim().split(/\s+/).join('|');
const adding = alternatives(`
  add adding create creating write writing implement implementing make making build building introduce introducing provide providing
  generate generating include including extend extending supply develop code program give put`);
const changing = alternatives(`
  remove delete drop fix rename refactor change move replace update improve undo revert clean rewrite translate convert upgrade deploy
  release merge run close stop cancel retry optimise optimize migrate document`);
const telling = alternatives(`
  tell show list explain describe suggest look summarise summarize count say report find read review check analyse analyze inspect help
  propose recommend name`);
const asking = alternatives(`
  what what's whats how how's why when who who's whom whose which where where's can could may might would will should shall is isn't are
  aren't am was were do does doesn't did has have had`);
const opening = alternatives(
  `hi hello hey ok okay so and then also now please kindly just mayor dear there great thanks yes well good morning afternoon evening`,
);

const startsWith = (words: string): RegExp => new RegExp(`^(?:${words})(?![\\w'’])`, 'i');
const openingWords = new RegExp(`^(?:(?:${opening}|thank you|thank you very much)(?![\\w'’])[\\s,]*)+`, 'i');
const addsFirst = startsWith(adding);
const changesFirst = startsWith(changing);
const tellsFirst = startsWith(telling);
const asksFirst = startsWith(asking);
/** "Can you please …", "would you mind …", "let us …": what follows is the request. */
const politeness =
  /^(?:would you mind |do (?!not\b)(?=\w)|(?:can|could|would|will|can't|couldn't|won't) (?:you|we|i|someone|the mayor)(?: (?:please|maybe|also|kindly|perhaps))*,? |let(?:'s|’s| us| me) |you (?:should|must|can|could) |go ahead and |i(?:'d|’d| would) like you to |i want you to |(?:i|we) (?:want|need|would like|(?:'d|’d) like) to )/i;
/** "I need a date function", "can we have …": no verb of adding, but a wish. */
const wish =
  /^(?:(?:i|we)(?:'d|’d| would)? (?:really |also )?(?:want|need|like|love)|how about|(?:can|could|may) (?:we|i) (?:please )?(?:have|get)) (?!.{0,20}\b(?:know|see|understand|ask|learn|help)\b)/i;
/** "Give me an overview", "write a summary": asks to be told, not for a function. */
const wantsToBeTold =
  /^(?:give|make|write|create|generate|put)(?: me| us)?(?: an?| the| some| your)?(?: \w+)? (?:overview|summary|list of|report|status|hints?|examples?|ideas?|suggestions?|explanations?|description)\b/i;
const alsoAdds = new RegExp(`(?:,|\\band|\\bthen)\\s+(?:please\\s+|then\\s+|also\\s+)*(?:${adding})(?![\\w'’])`, 'i');
const testsOnly = /^\w+ (?:(?:a few|some|more|the|any|missing|unit|all|all the|a|better) )*tests?\b/i;

const sentencesOf = (text: string): string[] =>
  text
    .split(/[.!?;:]+(?=\s|$)|[\n。！？；：]+/)
    .map((sentence) => sentence.replace(openingWords, '').trim())
    .filter((sentence) => sentence !== '');
const requestIn = (sentence: string): string => sentence.replace(politeness, '').replace(openingWords, '').trim();

type Ask = 'adds' | 'adds tests' | 'changes' | 'none';
const askOf = (sentence: string): Ask => {
  const request = requestIn(sentence);
  if (wantsToBeTold.test(request)) return 'none';
  if (addsFirst.test(request)) return testsOnly.test(request) ? 'adds tests' : 'adds';
  if (changesFirst.test(request)) return 'changes';
  if (wish.test(sentence)) return 'adds';
  return tellsFirst.test(request) && !/\bhow\b/i.test(request) && alsoAdds.test(request) ? 'adds' : 'none';
};

/** True for text that asks or greets and wants nothing changed. */
const isQuestion = (text: string): boolean => {
  const first = sentencesOf(text)[0] ?? '';
  if (/^do not\b/i.test(first)) return false;
  return /[?？]["'”)\s]*$/.test(text) || [asksFirst, tellsFirst, wantsToBeTold].some((words) => words.test(first));
};

const aboutAbilities =
  /\bwhat (?:all )?(?:can|could|do|would|should) (?:you|i|we)\b(?! (?:see|find|know|add|improve))|\b(?:who|what) are you\b|\bare you (?:an?|real|human|there)\b|\bhelp\b|\bhow (?:do|does|can|should) (?:you|this|it|i|we|a town|the town|gastown)\b|\bwhat is (?:this|gastown|a (?:town|mayor|polecat|refinery|bead|rig|convoy))\b|\bmodel\b|\bcapabilit|\babilit|\btopics?\b/i;
const aboutSuggestions =
  /\b(?:suggest\w*|improve\w*|ideas?|propos\w+|recommend\w*|missing)\b|\bwhat (?:should|could|can|shall) (?:be|we|i|you) (?:added|add|improved?|do next)\b|\bwhat(?: is|'s|’s)? next\b/i;
const aboutProgress =
  /\b(?:status|progress|how far|going|beads?|convoys?|merged|waiting|wait|in review|board|happen\w*|done|finished|ready|stuck|failed|working on|polecats?|how do things stand)\b/i;
const aboutRepository =
  /\b(?:repositor(?:y|ies)|repos?|rigs?|code|codebase|src|files?|folders?|director(?:y|ies)|functions?|tests?|library|modules?|package|branch(?:es)?|gates?|readme)\b/i;

const questionAbout = (text: string): Intent => {
  if (/\bhow do things stand\b/i.test(text)) return { kind: 'progress' };
  if (aboutAbilities.test(text)) return { kind: 'abilities' };
  if (aboutSuggestions.test(text)) return { kind: 'suggestions' };
  if (aboutProgress.test(text)) return { kind: 'progress' };
  return { kind: aboutRepository.test(text) ? 'repository' : 'question' };
};

const greeting = /^[\s!.,?]*(?:hi|hello|hey|good (?:morning|afternoon|evening|day))\b/i;
const onlyGreets =
  /^(?:(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|there|mayor|dear|thanks?|thank you|very much|a lot|so|much|many|great|nice|cool|perfect|ok|okay|well done|bye|how are you|doing|today)(?![\w'’])[\s!.,?]*)+$/i;
const namesFunctions = /\b(?:functions?|helpers?|utilit(?:y|ies)|methods?)\b/i;
/** The text says how something is, or what is not wanted. */
const states =
  /\b(?:not|no|never|without|is|are|was|were|be|been|has|had|do|does|did|will|seems?|looks?|works?|fails?|failed|broken?)\b|n['’]t\b/i;
/** Work on a document, even when its words name a topic. */
const documents = /\b(?:readme|changelog|licen[cs]e|documentation|workflow|pipeline)\b/i;

const workFor = (text: string): Intent => {
  const [first, ...more] = topicsIn(text);
  return first === undefined || (documents.test(text) && !namesFunctions.test(text))
    ? { kind: 'unknown', why: 'words' }
    : { kind: 'work', topics: [first, ...more] };
};

export const intentOf = (text: string): Intent => {
  const whole = text.trim();
  if (whole.length > longestCharacters) return /[?？]$/.test(whole) ? { kind: 'question' } : { kind: 'unknown', why: 'long' };
  if (onlyGreets.test(whole)) return { kind: greeting.test(whole) ? 'greeting' : 'thanks' };
  const asks = new Set(sentencesOf(whole).map(askOf));
  if (asks.has('adds')) return workFor(whole);
  if (asks.has('adds tests')) return { kind: 'tests' };
  if (asks.has('changes')) return { kind: 'unknown', why: 'words' };
  if (isQuestion(whole)) return questionAbout(whole);
  const words = whole.split(/\s+/).length;
  if (words > fewWords) return { kind: 'unknown', why: 'words' };
  if (namesFunctions.test(whole) && !states.test(whole)) return workFor(whole);
  return /^(?:status|progress|news)\b/i.test(whole) ? { kind: 'progress' } : { kind: 'unknown', why: 'words' };
};
