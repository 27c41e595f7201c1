// Branches of a convoy that lands as a whole: `convoy/<slug>/<id>/head` collects the members, each member works on a branch beside it.
// The feature branch ends in /head because git keeps no branch `a/b` beside a branch `a`. Pure.

const slugCharacters = 40;
/** Lower-case words of a title, fit for a branch name. */
const slugOf = (title: string): string =>
  title
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, slugCharacters)
    .replaceAll(/^-+|-+$/g, '') || 'batch';

const featureSuffix = '/head';
export const featureBranchOf = (title: string, convoyId: string): string => `convoy/${slugOf(title)}/${convoyId}${featureSuffix}`;
export const isFeatureBranch = (branch: string | undefined): boolean =>
  branch?.startsWith('convoy/') === true && branch.endsWith(featureSuffix);

/** Where a member's agent works. */
export const memberBranch = (featureBranch: string, agentId: string, beadId: string): string =>
  `${featureBranch.slice(0, -featureSuffix.length)}/${agentId}-${beadId}`;

/** Whether the agent made this work branch of the bead. */
export const isBranchOf = (branch: string | undefined, agentId: string, beadId: string): boolean =>
  branch === `gt/${agentId}/${beadId}` || branch?.endsWith(`/${agentId}-${beadId}`) === true;
