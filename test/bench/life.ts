// The life of single beads with real agents: t2, loop time, capacity units, memory of every process.
import { setTimeout as sleep } from 'node:timers/promises';
import { beadSchema } from '../../functions/contracts/bead.schema.ts';
import { z } from 'zod';
import { descendantsOf, opencodeServers, rssOf, runnerPids } from '../e2e/processes.ts';
import { startBenchTown } from './bench-town.ts';
import type { BenchTown } from './bench-town.ts';
import { megabytes, spreadOf } from './figures.ts';
import type { Spread } from './figures.ts';

const eventsAnswer = z.object({ items: z.array(z.object({ type: z.string(), at: z.string(), agentId: z.string().optional() })) });

export interface LifeFigures {
  readonly t2Ms: Spread;
  readonly loopSeconds: Spread;
  readonly unitsPerBead: { readonly read: number; readonly write: number; readonly commits: number };
  readonly peakMegabytes: {
    readonly controlPlane: number;
    readonly dynamodb: number;
    readonly runner: number;
    readonly opencodeEach: number;
    readonly opencodeServers: number;
  };
}

const task = (number: number): { title: string; body: string } => ({
  title: `Add bench${number}`,
  body: `Add the constant with its test.\n\n\`\`\`file path=src/bench${number}.js\nexport const bench${number} = ${number};\n\`\`\`\n\n\`\`\`file path=test/bench${number}.test.js\nimport assert from 'node:assert/strict';\nimport { test } from 'node:test';\nimport { bench${number} } from '../src/bench${number}.js';\n\ntest('bench${number}', () => { assert.equal(bench${number}, ${number}); });\n\`\`\`\n`,
});

const peaksOf = (town: BenchTown) => {
  const peak = { controlPlane: 0, dynamodb: 0, runner: 0, opencodeEach: 0, opencodeServers: 0 };
  const look = (): void => {
    peak.controlPlane = Math.max(peak.controlPlane, process.memoryUsage.rss());
    peak.dynamodb = Math.max(peak.dynamodb, rssOf(town.dynamodbPid));
    for (const pid of runnerPids(town.dataDir)) {
      peak.runner = Math.max(peak.runner, rssOf(pid));
      const servers = opencodeServers(pid);
      peak.opencodeServers = Math.max(peak.opencodeServers, servers.length);
      for (const server of servers)
        peak.opencodeEach = Math.max(
          peak.opencodeEach,
          server.rssBytes,
          ...descendantsOf(server.pid)
            .filter((entry) => entry.command.includes('opencode'))
            .map((entry) => entry.rssBytes),
        );
    }
  };
  const timer = setInterval(look, 500);
  return {
    peak,
    stop: (): void => {
      clearInterval(timer);
    },
  };
};

const untilClosed = async (town: BenchTown, beadId: string): Promise<void> => {
  const endsAtMs = performance.now() + 300_000;
  while (performance.now() < endsAtMs) {
    const bead = await town.plain.get('bead', { townId: town.townId, beadId });
    if (bead?.status === 'closed') return;
    if (bead?.status === 'failed') throw new Error(bead.failure?.message ?? 'the bead failed');
    await sleep(100);
  }
  throw new Error(`${beadId} was not merged within 300 s`);
};

/** Beads one after the other; the first warms the runner up and is left out. The reads that wait for the end are not counted. */
export const measureLife = async (beads: number, modelDelayMs: number): Promise<LifeFigures> => {
  const town = await startBenchTown({ modelDelayMs, polecats: 5 });
  const peaks = peaksOf(town);
  const t2: number[] = [];
  const loop: number[] = [];
  let units = { read: 0, write: 0, commits: 0 };
  for (let number = 0; number <= beads; number += 1) {
    if (number === 1) town.counted.reset();
    const before = town.counted.totals();
    const startMs = performance.now();
    const { beadId } = beadSchema.parse(await town.post(`/api/towns/${town.townId}/sling`, { rigId: town.rigId, ...task(number) }));
    await untilClosed(town, beadId);
    const { items } = eventsAnswer.parse(await town.get(`/api/towns/${town.townId}/beads/${beadId}/events?limit=100`));
    const dispatched = items.find((event) => event.type === 'dispatched');
    const call = town.model.calls.find(
      (each) => each.agentId === dispatched?.agentId && dispatched !== undefined && each.atMs >= Date.parse(dispatched.at),
    );
    if (number === 0 || dispatched === undefined || call === undefined) continue;
    t2.push(call.atMs - Date.parse(dispatched.at));
    loop.push((performance.now() - startMs) / 1000);
    const after = town.counted.totals();
    units = {
      read: units.read + after.readUnits - before.readUnits,
      write: units.write + after.writeUnits - before.writeUnits,
      commits: units.commits + after.commits - before.commits,
    };
  }
  peaks.stop();
  await town.stop();
  const { peak } = peaks;
  return {
    t2Ms: spreadOf(t2),
    loopSeconds: spreadOf(loop),
    unitsPerBead: {
      read: Math.round(units.read / beads),
      write: Math.round(units.write / beads),
      commits: Math.round(units.commits / beads),
    },
    peakMegabytes: {
      controlPlane: megabytes(peak.controlPlane),
      dynamodb: megabytes(peak.dynamodb),
      runner: megabytes(peak.runner),
      opencodeEach: megabytes(peak.opencodeEach),
      opencodeServers: peak.opencodeServers,
    },
  };
};
