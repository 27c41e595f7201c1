// The town's alarm: one wake-up that is armed, pulled nearer by new work, never pushed away.
import type { AlarmItem } from '../contracts/work.schema.ts';
import type { Ports } from '../ports.ts';

export interface Wake {
  readonly atMs?: number | undefined;
  /** Set after a gap in passes. */
  readonly judgeAfterMs?: number | undefined;
  /** The town was deleted: armed only while its item is there, or a removed town would keep an alarm. */
  readonly whileThere?: boolean;
  /** The alarm as the pass has read it. Absent: it is read here. */
  readonly known?: { readonly alarm: AlarmItem | undefined };
}

/**
 * Arms the alarm when the wake-up is earlier than the armed one, or when that one is spent. Writes nothing otherwise. When another pass was
 * faster, its alarm is looked at once more; whoever loses that race too was late.
 */
export const armWake = async (ports: Pick<Ports, 'store' | 'alarm' | 'clock'>, townId: string, wake: Wake): Promise<void> => {
  const nowMs = ports.clock.nowMs();
  const alarm = wake.known === undefined ? await ports.store.get('alarm', { townId }) : wake.known.alarm;
  const armedAtMs = alarm !== undefined && alarm.armedAtMs > nowMs ? alarm.armedAtMs : undefined;
  const arms = wake.atMs !== undefined && (armedAtMs === undefined || wake.atMs < armedAtMs);
  if (!arms && wake.judgeAfterMs === undefined) return;
  const judgeAfterMs = wake.judgeAfterMs ?? alarm?.judgeAfterMs;
  const item: AlarmItem = {
    townId,
    armedAtMs: arms ? (wake.atMs ?? 0) : (alarm?.armedAtMs ?? 0),
    generation: (alarm?.generation ?? 0) + (arms ? 1 : 0),
    lastPassAtMs: nowMs,
    version: (alarm?.version ?? 0) + 1,
    ...(judgeAfterMs === undefined ? {} : { judgeAfterMs }),
  };
  const outcome = await ports.store.commit([
    { put: 'alarm', item, when: alarm === undefined ? { absent: true } : { equals: { version: alarm.version } } },
    ...(wake.whileThere === true ? [{ check: 'town' as const, key: { townId }, when: { equals: { townId } } }] : []),
  ]);
  if (!outcome.ok && wake.known !== undefined) {
    const { known: _old, ...again } = wake;
    return armWake(ports, townId, again);
  }
  if (outcome.ok && arms) await ports.alarm.arm({ townId, atMs: item.armedAtMs, generation: item.generation });
};

/** Timers of one machine end with the process: what was armed there is armed anew by the next pass. */
export const forgetWake = async (ports: Pick<Ports, 'store' | 'clock'>, townId: string): Promise<void> => {
  const alarm = await ports.store.get('alarm', { townId });
  if (alarm === undefined || alarm.armedAtMs <= ports.clock.nowMs()) return;
  await ports.store.commit([
    { put: 'alarm', item: { ...alarm, armedAtMs: 0, version: alarm.version + 1 }, when: { equals: { version: alarm.version } } },
  ]);
};
