// A look at a pull request that failed: counted with its reason, waited out with the host's own hint, told to people when it lasts.
import { HostUnavailable } from '../../host-errors.ts';
import type { HostRefused } from '../../host-errors.ts';
import { workItem } from '../../domain/bead-writes.ts';
import { calmed } from '../../domain/merge/pull-request-work.ts';
import { breakerData, breakerFailures } from '../../domain/plan/breakers.ts';
import { hostBreaker } from '../../domain/plan/pull-requests.ts';
import type { Write } from '../../ports.ts';
import { escalationWrites, isoOf, momentIn } from '../context.ts';
import type { Applied, PassContext } from '../context.ts';
import { pollStepMs, updated, watchScene } from './pull-request-scene.ts';
import type { WatchScene } from './pull-request-scene.ts';

/** Failed looks in a row after which people are told. */
const manyBadPolls = 10;

/** One more failure of this host, in a row; open at the third. */
const breakerWrites = async (ctx: PassContext, { rig }: WatchScene, error: HostUnavailable): Promise<Write[]> => {
  const workId = hostBreaker(rig);
  const before = await ctx.ports.store.get('work', { townId: ctx.townId, kind: 'breaker', workId });
  const { nowMs, stamp } = momentIn(ctx);
  const failures = breakerData(before).failures + 1;
  const waitMs = error.retryAfterMs ?? ctx.ports.deployment.timings.runtimeBreakerMs;
  const data = JSON.stringify({ failures, atMs: nowMs, error: error.message.slice(0, 1000) });
  const told =
    failures === breakerFailures
      ? await escalationWrites(ctx, {
          rule: 'M6',
          mark: `B3#${workId}#${nowMs}`,
          severity: 'medium',
          category: 'lifecycle',
          title: `The pull requests of ${workId.slice('host:'.length)} failed ${breakerFailures} times in a row`,
          body: `They are tried one at a time until the host works again. The last error: ${error.message}`,
        })
      : [];
  return [
    {
      put: 'work',
      item: { ...workItem(ctx.townId, 'breaker', workId, nowMs + waitMs, stamp), data },
      when: before === undefined ? { absent: true } : { equals: { stamp: before.stamp } },
    },
    ...told,
  ];
};

/** Every failure is kept with its reason and turns the timer off; people hear of a refusal at once, of an outage when it lasts. */
export const noteTrouble = async (ctx: PassContext, beadId: string, error: HostUnavailable | HostRefused): Promise<Applied> => {
  const scene = await watchScene(ctx, beadId);
  if (scene === undefined) return 'lost';
  const { request, source, watch } = scene;
  const badPolls = watch.badPolls + 1;
  const isOutage = error instanceof HostUnavailable;
  const told = isOutage ? (badPolls === manyBadPolls ? `polls#${isoOf(ctx)}` : undefined) : `refused#${error.code}`;
  const writes = [
    ...(isOutage ? await breakerWrites(ctx, scene, error) : []),
    ...(told === undefined
      ? []
      : await escalationWrites(ctx, {
          rule: 'M6',
          mark: `M6#${request.beadId}#${told}`,
          severity: 'high',
          category: 'blocked',
          about: source ?? request,
          title: `The pull request of "${request.title}" cannot be ${watch.ref === undefined ? 'opened' : 'looked at'}`,
          body: error.message,
        })),
  ];
  const waitMs = (isOutage ? error.retryAfterMs : undefined) ?? pollStepMs(ctx, badPolls - 1);
  ctx.ports.log.warn('pull_request_look_failed', { townId: ctx.townId, beadId, error: error.name, badPolls });
  return updated(ctx, scene, {
    watch: { ...calmed(watch), badPolls, lastError: error.message.slice(0, 1000), waitsFor: `Its host: ${error.message}`.slice(0, 1000) },
    nextAtMs: ctx.ports.clock.nowMs() + waitMs,
    more: writes,
  });
};
