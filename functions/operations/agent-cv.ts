// What an agent has done under its name: the record of its present item and what earlier ones left in its identity.
import type { z } from 'zod';
import type { cvSchema } from '../contracts/routes/views.ts';
import { skillsTogether } from '../domain/agent-cv.ts';
import type { Ports } from '../ports.ts';
import { notFound } from '../api/problems.ts';
import { spendingOf } from './agent-spending.ts';

export type AgentCv = z.infer<typeof cvSchema>;

/** Throws 404 for a name that nobody ever had. */
export const agentCv = async (ports: Pick<Ports, 'store' | 'clock'>, townId: string, agentId: string): Promise<AgentCv> => {
  const [agent, identity] = await Promise.all([
    ports.store.get('agent', { townId, agentId }),
    ports.store.get('identity', { townId, agentId }),
  ]);
  const known = agent ?? identity;
  if (known === undefined) throw notFound(`There is no agent ${agentId} in this town, and there never was one.`);
  const sum = (what: 'done' | 'repairs' | 'failures' | 'workedMs'): number => (agent?.record?.[what] ?? 0) + (identity?.[what] ?? 0);
  const beadsDone = sum('done');
  const sentBack = identity?.sentBack ?? 0;
  const reworkRounds = identity?.reworkRounds ?? 0;
  const own = agent === undefined ? undefined : await spendingOf(ports, agent);
  const { costMicroUsd = 0, models = {}, languages = {} } = skillsTogether(identity, own);
  return {
    agentId,
    name: known.name,
    role: known.role,
    beadsDone,
    sentBack,
    reworkRounds,
    repairs: sum('repairs'),
    failures: sum('failures'),
    workedMs: sum('workedMs'),
    costMicroUsd,
    models: Object.entries(models)
      .map(([model, figures]) => ({ model, ...figures }))
      .toSorted((one, other) => other.calls - one.calls),
    languages: Object.entries(languages)
      .map(([language, files]) => ({ language, files }))
      .toSorted((one, other) => other.files - one.files),
    ...(beadsDone === 0 ? {} : { firstPassRate: Math.max(0, 1 - sentBack / beadsDone), reworkRate: reworkRounds / beadsDone }),
  };
};
