// shiny: one bead from the idea to a reviewed, tested hand-in; and the same with the security aspect around it.
import type { FormulaDocument } from './document.ts';

export const shiny: FormulaDocument = {
  formula: 'shiny',
  description: 'Think before coding, review before handing in: design, implement, review, test, submit.',
  version: 1,
  type: 'workflow',
  steps: [
    {
      id: 'design',
      title: 'Design: {{title}}',
      description:
        'Read the code that this touches. Decide which files change, how, and what could break. Write the plan down in a checkpoint note: the approach in a few lines, the alternatives you rejected, the cases that tests must cover.',
      acceptance: 'A note that another agent could implement from without asking.',
    },
    {
      id: 'implement',
      title: 'Implement: {{title}}',
      needs: ['design'],
      description:
        'Follow the design. Write the code in small commits, each with a message that says why. Where the design turns out to be wrong, change the design first and note it.',
      acceptance: 'The behaviour that was asked for is there, and the code is committed.',
    },
    {
      id: 'review',
      title: 'Review your own change',
      needs: ['implement'],
      description:
        'Read the whole diff as if somebody else had written it: correctness first, then errors and edge cases, names, leftovers, anything the task did not ask for. Repair what you find.',
      acceptance: 'Nothing is left in the diff that you would ask a colleague to change.',
    },
    {
      id: 'test',
      title: 'Test',
      needs: ['review'],
      description:
        'Cover the new behaviour with tests that fail without the change. Run the gates of the rig and make them green without weakening any test.',
      acceptance: 'All gates are green on the committed state.',
    },
    {
      id: 'submit',
      title: 'Submit',
      needs: ['test'],
      description:
        'Push your branch and check that the pushed commit is your newest one. Advance this step, then call gt_done with a summary of what changed and why.',
      acceptance: 'The branch on the host holds your newest commit.',
    },
  ],
};

export const shinySecure: FormulaDocument = {
  formula: 'shiny-secure',
  description: 'shiny, with a security check before and after the code is written and before it is handed in.',
  version: 1,
  type: 'workflow',
  extends: ['shiny'],
  compose: { aspects: ['security-audit'] },
};
