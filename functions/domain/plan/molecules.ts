// Rule G1: what ended beside a molecule (its issue, a step bead closed by hand) is carried into it, and its own end to its step beads.
import type { Findings } from './action.ts';
import type { View } from './view.ts';

export const moleculeRules = (view: View): Findings => ({
  actions: view.work('molecule').map(
    (item) =>
      ({
        rule: 'G1',
        kind: 'settle-molecule',
        subject: item.workId,
        item,
        sentence: `The molecule ${item.workId} is compared with its issue and its steps.`,
      }) as const,
  ),
  waits: [],
});
