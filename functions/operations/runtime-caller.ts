// The runner behind a call: its epoch must be the lease's, or it has been replaced and must leave.
import type { RuntimeLease } from '../contracts/runner.schema.ts';
import type { Ports } from '../ports.ts';
import { ProblemError } from '../api/problems.ts';

export interface RuntimeIdentity {
  readonly townId: string;
  readonly runtimeEpoch: number;
}

/** 409: a newer runtime holds the town. Not retryable; the runner stops its agents and exits. */
export const runtimeEpochOld = (held: number | undefined, given: number): ProblemError =>
  new ProblemError(409, {
    title: 'Runtime epoch old',
    detail: `runtime_epoch_old: this runner has epoch ${given}, the town is at ${held ?? 'none'}. Stop your agents and exit.`,
  });

/** The lease of a runner that still holds it. Throws `runtimeEpochOld`. */
export const leaseOf = async (ports: Pick<Ports, 'store'>, caller: RuntimeIdentity): Promise<RuntimeLease> => {
  const lease = await ports.store.get('lease', { townId: caller.townId });
  if (lease === undefined || lease.runtimeEpoch !== caller.runtimeEpoch || lease.state === 'absent' || lease.state === 'starting') {
    throw runtimeEpochOld(lease?.runtimeEpoch, caller.runtimeEpoch);
  }
  return lease;
};
