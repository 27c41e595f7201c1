// code-review: several reviewers look at the same code, each with one question; one bead brings their findings together.
import type { FormulaDocument } from './document.ts';

const leg = (id: string, title: string, focus: string, description: string) => ({
  id,
  title,
  focus,
  description,
  kind: 'no-code' as const,
});

export const codeReview: FormulaDocument = {
  formula: 'code-review',
  description: 'A review by several pairs of eyes at once, and one report. Pour it: it makes a convoy of beads that need no code.',
  version: 1,
  type: 'convoy',
  inputs: {
    scope: { description: 'What to review: a path, a branch, a pull request, or words', required: true },
    depth: { description: 'How deep to look', default: 'normal', enum: ['quick', 'normal', 'thorough'] },
  },
  prompts: {
    base: `Review {{scope}}. Depth: {{depth}}. Your question: {{leg.focus}}

{{leg.description}}

Change no code. Report each finding with file and line, what can happen, how bad it is (critical, high, medium, low) and what you would do. No finding is a good result too: then say what you looked at. Your report is the summary of gt_done.`,
  },
  legs: [
    leg(
      'correctness',
      'Review {{scope}}: correctness',
      'Does it do what it says, in every case?',
      'Logic, limits, order of events, concurrent use, errors that are swallowed.',
    ),
    leg(
      'security',
      'Review {{scope}}: security',
      'How could it be abused?',
      'Inputs from outside, permissions, secrets, injection, unsafe defaults, dependencies.',
    ),
    leg(
      'tests',
      'Review {{scope}}: tests',
      'Would the tests notice a mistake?',
      'Behaviour without a test, tests that cannot fail, timing, missing edge cases.',
    ),
    leg(
      'design',
      'Review {{scope}}: design',
      'Will the next change be easy?',
      'Structure, names, duplication, needless complexity, comments that are wrong.',
    ),
    leg(
      'performance',
      'Review {{scope}}: performance',
      'What does it cost when it is used a lot?',
      'Work in loops, calls to the outside, memory, what grows without limit.',
    ),
  ],
  synthesis: {
    title: 'Bring the review of {{scope}} together',
    kind: 'no-code',
    description:
      'Read the reports of the reviewers (the summaries of the beads this one waited for). Merge what is said twice, weigh what contradicts, order by severity, and say what must be repaired before anything else. Create a bead for each finding that is worth one.',
  },
};
