import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import { fakePorts } from '../../test/fakes/ports.ts';
import { aLease, aRig, aTown, anIssue, townId } from '../../test/rules/build.ts';
import { writesOf } from '../domain/bead-writes.ts';
import { createHandler as createStream } from '../stream/stream.handler.ts';
import { StoreUnavailable } from '../store-errors.ts';
import { createHandler as createFacts } from './facts.handler.ts';
import { createHandler as createReconcile } from './reconcile.handler.ts';
import { createHandler as createSweep } from './sweep.handler.ts';
import { createHandler as createWake } from './wake.handler.ts';

const hints = (...towns: readonly string[]) => ({
  Records: towns.map((id, index) => ({ messageId: `m-${index}`, body: JSON.stringify({ townId: id }) })),
});
const withTown = async () => {
  const ports = fakePorts();
  await ports.store.commit([
    { put: 'town', item: aTown(), when: 'none' },
    { put: 'rig', item: aRig(), when: 'none' },
  ]);
  await ports.store.commit(writesOf([{ after: anIssue('web-a001') }], undefined, { nowMs: ports.clock.nowMs(), stamp: 's' }));
  return ports;
};

describe('the reconcile function', () => {
  it('makes one pass per town of a batch', async () => {
    const ports = await withTown();
    expect(await createReconcile(ports)(hints(townId, townId, 't-none0000'))).toEqual({ batchItemFailures: [] });
    expect((await ports.store.get('bead', { townId, beadId: 'web-a001' }))?.status).toBe('in_progress');
    expect(ports.logged.filter((entry) => entry.event === 'pass')).toHaveLength(1);
  });
  it('wakes a town again whose pass failed, and acknowledges the message', async () => {
    const ports = await withTown();
    const broken = {
      ...ports,
      store: {
        ...ports.store,
        passOf: async () => {
          throw new StoreUnavailable('away');
        },
      },
    };
    expect(await createReconcile(broken)(hints(townId))).toEqual({ batchItemFailures: [] });
    expect(ports.alarms).toMatchObject([{ townId, atMs: ports.clock.nowMs() + ports.deployment.timings.resendMs }]);
  });
  it('gives back only the messages of a town that could be neither passed nor woken', async () => {
    const ports = await withTown();
    const broken = {
      ...ports,
      alarm: {
        arm: async () => {
          throw new Error('away');
        },
        disarm: async () => undefined,
      },
      store: {
        ...ports.store,
        passOf: async (id: string) => {
          if (id === townId) throw new StoreUnavailable('away');
          return ports.store.passOf(id);
        },
      },
    };
    expect(await createReconcile(broken)(hints('t-none0000', townId))).toEqual({ batchItemFailures: [{ itemIdentifier: 'm-1' }] });
  });
  it('drops what is no hint', async () => {
    expect(
      await createReconcile(fakePorts())({
        Records: [
          { messageId: 'm-0', body: 'hello' },
          { messageId: 'm-1', body: '{"townId":"x"}' },
        ],
      }),
    ).toEqual({ batchItemFailures: [] });
  });
  it('refuses an event of another shape', async () => {
    await expect(createReconcile(fakePorts())({ detail: {} })).rejects.toMatchObject({ name: 'EventInvalid' });
  });
});

describe('wake-ups, sweeps and facts', () => {
  it('turn into hints', async () => {
    const ports = await withTown();
    expect(await createWake(ports)(hints(townId))).toEqual({ batchItemFailures: [] });
    expect(await createSweep(ports)({ time: 'now' })).toEqual({ towns: 1 });
    const facts = createFacts(ports);
    expect(await facts({ 'detail-type': 'ECS Task State Change', detail: { startedBy: townId, lastStatus: 'STOPPED' } })).toEqual({
      hinted: true,
    });
    expect(
      await facts({
        'detail-type': 'Step Functions Execution Status Change',
        detail: { name: `${townId}-mr-web-m001-2`, status: 'FAILED' },
      }),
    ).toEqual({ hinted: true });
    expect(await facts({ 'detail-type': 'ECS Task State Change', detail: { startedBy: 'ecs-svc/123' } })).toEqual({ hinted: false });
    expect(ports.hints).toEqual([townId, townId, townId, townId]);
  });
  it('note on the lease that its task has stopped, and whether it was stopped from outside', async () => {
    const ports = await withTown();
    const taskArn = 'arn:aws:ecs:eu-central-1:111122223333:task/gastown/0123456789abcdef0123456789abcdef';
    await ports.store.commit([{ put: 'lease', item: aLease({ runtimeRef: taskArn }), when: 'none' }]);
    const facts = createFacts(ports);
    const stateChange = (lastStatus: string, stopCode?: string) =>
      facts({ 'detail-type': 'ECS Task State Change', detail: { startedBy: townId, taskArn, lastStatus, stopCode } });
    await stateChange('RUNNING');
    expect((await ports.store.get('lease', { townId }))?.endedAtMs).toBeUndefined();
    await stateChange('STOPPED', 'SpotInterruption');
    expect(await ports.store.get('lease', { townId })).toMatchObject({ state: 'live', endedAtMs: ports.clock.nowMs(), endedWell: true });
  });
  it('give back the wake-ups that could not be passed on', async () => {
    const ports = {
      ...fakePorts(),
      queue: {
        hint: async () => {
          throw new Error('away');
        },
      },
    };
    expect(await createWake(ports)(hints(townId))).toEqual({ batchItemFailures: [{ itemIdentifier: 'm-0' }] });
  });
});

const record = (item: object, more: object = {}) => ({
  eventID: 'e',
  eventName: 'MODIFY',
  dynamodb: { SequenceNumber: '7', NewImage: marshall({ __edb_e__: 'bead', __edb_v__: '1', ...item }, { removeUndefinedValues: true }) },
  ...more,
});

describe('the stream function', () => {
  it('hints each town once per batch and tells those who watch', async () => {
    const ports = fakePorts();
    const keys: (string | undefined)[] = [];
    const counting = {
      ...ports,
      queue: {
        hint: async (id: string, batchId?: string) => {
          ports.hints.push(id);
          keys.push(batchId);
        },
      },
    };
    await ports.store.commit([
      {
        put: 'connection',
        item: { connectionId: 'c-1', kind: 'user', userId: 'ada', townId, topics: ['beads'], deleteAfterEpochSeconds: 1 },
        when: 'none',
      },
    ]);
    expect(await createStream(counting)({ Records: [record(anIssue('web-a001')), record(anIssue('web-a002'))] })).toEqual({
      batchItemFailures: [],
    });
    expect(ports.hints).toEqual([townId]);
    expect(keys).toEqual(['7']);
    expect(ports.frames).toMatchObject([
      { connectionId: 'c-1', frame: { kind: 'changed', topic: 'beads', ids: ['web-a001', 'web-a002'] } },
    ]);
  });
  it('is silent about what time-to-live removed and about rows that it cannot read', async () => {
    const ports = fakePorts();
    const expired = record(anIssue('web-a001'), { userIdentity: { type: 'Service', principalId: 'dynamodb.amazonaws.com' } });
    expect(await createStream(ports)({ Records: [expired, record({ townId, beadId: 'broken' })] })).toEqual({ batchItemFailures: [] });
    expect(ports.hints).toEqual([]);
    expect(ports.logged.map((entry) => entry.event)).toEqual(['stream_item_unreadable']);
  });
  it('takes the batch again when the queue is away', async () => {
    const ports = {
      ...fakePorts(),
      queue: {
        hint: async () => {
          throw new Error('away');
        },
      },
    };
    expect(await createStream(ports)({ Records: [record(anIssue('web-a001'))] })).toEqual({ batchItemFailures: [{ itemIdentifier: '7' }] });
  });
});
