// What a pass would do now, without doing it.
import type { Plan } from '../domain/plan/action.ts';
import { plan } from '../domain/plan/plan.ts';
import type { Ports } from '../ports.ts';
import { loadSnapshot } from './snapshot.ts';

export interface PlanDescription {
  readonly actions: readonly { readonly rule: string; readonly kind: string; readonly subject: string; readonly sentence: string }[];
  /** ISO time. */
  readonly wakeAt?: string;
}

const described = ({ actions, wakeAtMs }: Plan): PlanDescription => ({
  actions: actions.map(({ rule, kind, subject, sentence }) => ({ rule, kind, subject, sentence })),
  ...(wakeAtMs === undefined ? {} : { wakeAt: new Date(wakeAtMs).toISOString() }),
});

/** Undefined when there is no such town. */
export const describePlan = async (
  ports: Pick<Ports, 'store' | 'clock' | 'deployment'>,
  townId: string,
): Promise<PlanDescription | undefined> => {
  const snapshot = await loadSnapshot(ports, townId);
  return snapshot === undefined ? undefined : described(plan(snapshot, ports.clock.nowMs(), ports.deployment.timings));
};
