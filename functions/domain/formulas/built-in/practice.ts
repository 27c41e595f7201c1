// Ways of working on any bead: test first, five passes, a security frame, the plain polecat's day, a conflict.
import type { FormulaDocument } from './document.ts';

export const tddCycle: FormulaDocument = {
  formula: 'tdd-cycle',
  description: 'Test-driven: a failing test, the least code that passes it, a cleaner shape; again until the task is covered.',
  version: 1,
  type: 'workflow',
  vars: { rounds: { description: 'How many cycles there may be at most', default: '3', pattern: '^([1-9]|10)$' } },
  steps: [
    {
      id: 'list',
      title: 'List the behaviours of: {{title}}',
      description: 'Write down the behaviours that the task asks for, one line each, the simplest first. They are your list of tests.',
      acceptance: 'Each line can be checked by one test.',
    },
    {
      id: 'cycle',
      title: 'Red, green, refactor',
      needs: ['list'],
      loop: {
        count: '{{rounds}}',
        var: 'round',
        body: [
          {
            id: 'red',
            title: 'Cycle {round}: a failing test',
            description:
              'Write tests for the next behaviours on your list and see them fail for the right reason. If nothing is left on the list, say so when you advance.',
            acceptance: 'The new tests fail because the behaviour is missing.',
          },
          {
            id: 'green',
            title: 'Cycle {round}: make it pass',
            needs: ['red'],
            description: 'Write the least code that makes the tests pass. Nothing that no test asks for.',
            acceptance: 'All tests are green.',
          },
          {
            id: 'refactor',
            title: 'Cycle {round}: tidy up',
            needs: ['green'],
            description: 'Improve names and structure while the tests stay green. Commit.',
            acceptance: 'All tests are green and the cycle is committed.',
          },
        ],
      },
    },
    {
      id: 'submit',
      title: 'Submit',
      needs: ['cycle'],
      description:
        'Run the gates, push your branch, advance this step, then call gt_done. Say in the summary which behaviours are covered.',
      acceptance: 'Gates are green and the branch is pushed.',
    },
  ],
};

export const ruleOfFive: FormulaDocument = {
  formula: 'rule-of-five',
  description:
    'A draft and four passes over it, each with one question: correct? clear? robust? good? By itself it works on the bead as a whole.',
  version: 1,
  type: 'expansion',
  template: [
    {
      id: '{target}.draft',
      title: 'Draft: {target.title}',
      description: 'Get the whole shape down quickly, rough where it must be. {target.description}',
    },
    {
      id: '{target}.correct',
      title: 'Pass 1, correctness: {target.title}',
      needs: ['{target}.draft'],
      description: 'Only one question: is it right? Check the logic against the task, run it, repair what is wrong.',
    },
    {
      id: '{target}.clear',
      title: 'Pass 2, clarity: {target.title}',
      needs: ['{target}.correct'],
      description: 'Only one question: does a reader understand it at once? Simplify, rename, remove.',
    },
    {
      id: '{target}.robust',
      title: 'Pass 3, edge cases: {target.title}',
      needs: ['{target}.clear'],
      description:
        'Only one question: what happens with the unusual? Empty, huge, repeated, interrupted, hostile input. Add the missing tests.',
    },
    {
      id: '{target}.good',
      title: 'Pass 4, quality: {target.title}',
      needs: ['{target}.robust'],
      description: 'The last look: would you sign this? Repair what keeps you from it, commit and push.',
    },
  ],
};

export const securityAudit: FormulaDocument = {
  formula: 'security-audit',
  description:
    'Security checks around writing and handing in code. An aspect: name it under compose.aspects, or use it by itself around the work of the bead.',
  version: 1,
  type: 'aspect',
  pointcuts: [{ glob: 'implement' }, { glob: 'submit' }],
  advice: [
    {
      target: 'implement',
      around: {
        before: [
          {
            id: '{step.id}-security-before',
            title: 'Security check before {step.id}',
            description:
              'Find out what this change exposes: inputs from outside, permissions, secrets nearby, dependencies with known holes. Note what the code must not do.',
          },
        ],
        after: [
          {
            id: '{step.id}-security-after',
            title: 'Security check after {step.id}',
            description:
              'Go through the diff as an attacker: injection, missing checks of permission, paths, secrets in code or logs, unsafe defaults. Repair what you find, with a test.',
          },
        ],
      },
    },
    {
      target: 'submit',
      before: {
        id: '{step.id}-security-before',
        title: 'Security check before {step.id}',
        description:
          'A last look at everything that will be pushed: no secret, no debug access, no weakened check, no unneeded dependency.',
      },
    },
  ],
};

export const polecatWork: FormulaDocument = {
  formula: 'polecat-work',
  description: "A worker's day on one bead, from the first look to the hand-in.",
  version: 1,
  type: 'workflow',
  vars: { focus: { description: 'What to pay special attention to', default: '' } },
  steps: [
    {
      id: 'understand',
      title: 'Understand the task',
      description:
        'Call gt_prime and read the bead. Look at the code that it is about and at notes of earlier agents.{{if focus}} Pay special attention to: {{focus}}.{{end}}',
      acceptance: 'You can say in two sentences what will be different afterwards.',
    },
    {
      id: 'baseline',
      title: 'See the gates before you change anything',
      needs: ['understand'],
      optional: true,
      description: 'Run the gates once on the untouched branch, so that you know what was red before you.',
    },
    {
      id: 'implement',
      title: 'Do the work',
      needs: ['understand', 'baseline'],
      description: 'Implement it in small commits. Keep to what the bead asks; file other discoveries as new beads.',
      acceptance: 'Everything the bead asks for is there.',
    },
    {
      id: 'verify',
      title: 'Verify',
      needs: ['implement'],
      description: 'Run the gates and read your whole diff once. Repair what is red or wrong.',
      acceptance: 'Gates are green; nothing unwanted is in the diff.',
    },
    {
      id: 'submit',
      title: 'Push and hand in',
      needs: ['verify'],
      description: 'Push your branch, advance this step, then call gt_done with a summary for the reviewer.',
      acceptance: 'The branch on the host holds your newest commit.',
    },
  ],
};

export const conflictResolve: FormulaDocument = {
  formula: 'conflict-resolve',
  description: 'Bring a branch up to its target so that both intentions survive.',
  version: 1,
  type: 'workflow',
  steps: [
    {
      id: 'understand',
      title: 'Understand both sides',
      description:
        'Fetch. Read what your branch changes and what has landed on the target since, commit by commit, for the files in conflict. Write down what each side wants.',
      acceptance: 'You can name both intentions for every conflict.',
    },
    {
      id: 'merge',
      title: 'Merge the target and resolve',
      needs: ['understand'],
      description:
        'Merge the target branch into yours; never rebase. Resolve so that both intentions hold, also where git saw no conflict.',
      acceptance: 'No conflict markers are left; the merge is committed.',
    },
    {
      id: 'verify',
      title: 'Verify both intentions',
      needs: ['merge'],
      description: 'Run the gates. Check by tests of both sides that neither change was lost; add one where none says so.',
      acceptance: 'Gates are green and both behaviours are tested.',
    },
    {
      id: 'submit',
      title: 'Push and hand in',
      needs: ['verify'],
      description: 'Push to the branch of the request, advance this step, then call gt_done and say how you resolved it.',
      acceptance: 'The branch on the host holds the merge.',
    },
  ],
};
