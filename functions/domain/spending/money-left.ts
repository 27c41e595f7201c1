// What the runner's model proxy may still spend: it refuses calls beyond that and counts by itself between two reports. Pure.
import type { Agent } from '../../contracts/agent.schema.ts';
import type { Bead } from '../../contracts/bead.schema.ts';
import type { ResolvedModelRoute } from '../../contracts/model.schema.ts';
import type { MoneyLeft } from '../../contracts/runner.schema.ts';
import type { Rig, Town } from '../../contracts/town.schema.ts';
import { priceProviderOf } from '../../contracts/usage.schema.ts';
import type { WorkItem } from '../../contracts/work.schema.ts';
import { budgetMicroUsdOf, dayStandings, unknownPriceUsdPerMTok } from './budgets.ts';
import type { Amount } from './budgets.ts';
import { listedPrice, scriptedProvider } from './price.ts';
import type { Price } from './price-table.ts';
import { convoyIdOf, servedBeadId } from './usage.ts';

/** A turn that began before a budget was used up may go on for so much of it. */
const graceShare = 0.1;
/** A bead or convoy that no report has noted yet has not come to 80 % of its budget. */
const leastLeftShare = 0.2;

export interface SpenderFacts {
  readonly town: Town;
  readonly rigs: readonly Rig[];
  readonly work: readonly WorkItem[];
  readonly bead: (beadId: string) => Bead | undefined;
  readonly nowMs: number;
}
interface Spender {
  readonly agent: Pick<Agent, 'agentId'>;
  readonly hook: Bead | undefined;
  readonly route: ResolvedModelRoute;
}

type Left = MoneyLeft['town'];
/** Spend that is not known leaves nothing. */
const leftOf = (spent: Amount, limit: number): Left => ({
  leftMicroUsd: spent === 'unknown' ? -limit : limit - spent,
  graceMicroUsd: Math.floor(limit * graceShare),
});
const lesser = (one: Left | undefined, other: Left | undefined): Left | undefined => {
  if (one === undefined || other === undefined) return one ?? other;
  return one.leftMicroUsd <= other.leftMicroUsd ? one : other;
};

const beadLeft = ({ town, rigs, work, bead: beadOf }: SpenderFacts, beadId: string | undefined): Left | undefined => {
  const bead = beadId === undefined ? undefined : beadOf(beadId);
  if (bead === undefined) return undefined;
  const convoyId = convoyIdOf(bead);
  const limit = budgetMicroUsdOf(bead, {
    town,
    rig: rigs.find(({ rigId }) => rigId === bead.rigId),
    convoy: convoyId === undefined ? undefined : beadOf(convoyId),
  });
  if (limit === undefined) return undefined;
  const noted = work.find((item) => item.kind === 'budget' && item.workId === bead.beadId);
  if (noted === undefined) return { leftMicroUsd: Math.floor(limit * leastLeftShare), graceMicroUsd: Math.floor(limit * graceShare) };
  return leftOf(noted.costMicroUsd ?? 'unknown', limit);
};

const priceOf = (town: Town, route: ResolvedModelRoute, scriptedModelUrl: string | undefined): Price => {
  const provider = priceProviderOf(route, scriptedModelUrl);
  if (provider === scriptedProvider || route.kind === 'scripted') return { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  const ceiling = unknownPriceUsdPerMTok(town);
  const { long, ...listed } = listedPrice(provider, route.model) ?? {
    input: ceiling,
    output: ceiling,
    cacheRead: ceiling,
    cacheWrite: ceiling,
  };
  // The proxy does not tell long prompts apart: it counts with what they cost.
  return long === undefined ? listed : { input: long.input, output: long.output, cacheRead: long.cacheRead, cacheWrite: long.cacheWrite };
};

export const moneyLeft = (facts: SpenderFacts, spenders: readonly Spender[], scriptedModelUrl: string | undefined): MoneyLeft => {
  const { town } = facts;
  const standings = dayStandings(facts.work, facts);
  const dayLeft = (scope: string): Left | undefined => {
    const found = standings.find((each) => each.scope === scope);
    return found === undefined ? undefined : leftOf(found.spent, found.limit);
  };
  const agents = spenders.map(({ agent, hook, route }) => {
    const served = hook === undefined ? undefined : facts.bead(servedBeadId(hook));
    const own = lesser(
      lesser(hook?.rigId === undefined ? undefined : dayLeft(`rig#${hook.rigId}`), beadLeft(facts, served?.beadId)),
      beadLeft(facts, convoyIdOf(hook) ?? convoyIdOf(served)),
    );
    return [agent.agentId, { price: priceOf(town, route, scriptedModelUrl), ...(own === undefined ? {} : { own }) }] as const;
  });
  return {
    town: dayLeft('town') ?? { leftMicroUsd: 0, graceMicroUsd: 0 },
    tokensLeft: dayLeft('tokens')?.leftMicroUsd ?? 0,
    agents: Object.fromEntries(agents),
  };
};
