// What a town, rig, convoy and bead may spend, and how far it has. Pure.

export interface Budgets {
  /** Town per UTC day. */
  readonly dayUsd: number;
  /** Each rig per UTC day. */
  readonly rigDayUsd?: number;
  readonly convoyUsd?: number;
  readonly beadUsd?: number;
  readonly dayTokens: number;
  /** Stands in for prices that are not known. */
  readonly unknownPriceUsdPerMTok: number;
}
export const builtInBudgets: Budgets = { dayUsd: 50, beadUsd: 10, dayTokens: 50_000_000, unknownPriceUsdPerMTok: 30 };
