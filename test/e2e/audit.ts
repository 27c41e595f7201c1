// Every invariant over everything that a local town has, through the route that a person would use.
import type { LocalTown } from './local-town.ts';

export interface Audited {
  /** Beads that were looked at. */
  readonly checked: number;
  readonly violations: readonly string[];
}

export const auditOf = async (town: Pick<LocalTown, 'call'>, townId: string): Promise<Audited> => {
  const violations: string[] = [];
  let checked = 0;
  let cursor: string | undefined;
  do {
    const page = await town.call('debugAudit', { params: { townId }, body: cursor === undefined ? {} : { cursor } });
    checked += page.checked;
    violations.push(...page.violations.map(({ invariant, sentence }) => `invariant ${invariant}: ${sentence}`));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return { checked, violations };
};
