// t1: sling accepted → desired set served to the runner, at one sling a second, with a runner that only reads and reports.
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { beadSchema } from '../../functions/contracts/bead.schema.ts';
import { bootstrapResponseSchema, desiredSchema } from '../../functions/contracts/runner.schema.ts';
import type { BootstrapResponse, Desired } from '../../functions/contracts/runner.schema.ts';
import { startBenchTown } from './bench-town.ts';
import { spreadOf } from './figures.ts';
import type { Spread } from './figures.ts';

interface Started {
  readonly townId: string;
  readonly bootstrapToken: string;
}

/** A runner without agents: it takes the lease, follows hints, and says that everything assigned to it works. */
class ReadingRunner {
  readonly seenAtMs = new Map<string, number>();
  private readonly url: string;
  private session: BootstrapResponse | undefined;
  private socket: WebSocket | undefined;
  private seq = 0;
  private reading: Promise<void> = Promise.resolve();
  constructor(url: string) {
    this.url = url;
  }

  private async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(this.session === undefined ? {} : { authorization: `Bearer ${this.session.runnerToken}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  }

  async begin({ townId, bootstrapToken }: Started): Promise<void> {
    this.session = bootstrapResponseSchema.parse(
      await this.call('POST', '/runner/bootstrap', { townId, bootstrapToken, instanceId: 'bench-runner', protocolVersion: 1 }),
    );
    const ticket = await this.call('POST', '/runner/ws-ticket', {});
    const text = typeof ticket === 'object' && ticket !== null ? String(Reflect.get(ticket, 'ticket')) : '';
    this.socket = new WebSocket(`${this.session.wsUrl}?ticket=${text}`);
    this.socket.on('message', () => {
      this.read();
    });
    this.read();
  }

  private read(): void {
    this.reading = this.reading
      .then(async () => {
        const desired = desiredSchema.parse(await this.call('GET', '/runner/desired'));
        for (const { bead } of desired.assignments)
          if (bead !== undefined && !this.seenAtMs.has(bead.beadId)) this.seenAtMs.set(bead.beadId, performance.now());
        await this.report(desired);
      })
      .catch(() => undefined);
  }

  private async report(desired: Desired): Promise<void> {
    this.seq += 1;
    await this.call('POST', '/runner/report', {
      runtimeEpoch: desired.runtimeEpoch,
      reportSeq: this.seq,
      turns: [],
      commandResults: [],
      runningCommandIds: [],
      usage: [],
      host: { rssBytes: 0, diskFreeBytes: 0, isolation: 'none' },
      agents: desired.assignments.map(({ agentId, epoch }) => ({ agentId, epoch, state: 'working', lastActivityAtMs: Date.now() })),
    });
  }

  async end(): Promise<void> {
    this.socket?.terminate();
    await this.reading;
  }
}

/** `slings` beads, one each `periodMs`. All in ms. */
export const measureDispatch = async (slings: number, periodMs: number): Promise<{ readonly t1Ms: Spread; readonly slingMs: Spread }> => {
  const started = Promise.withResolvers<Started>();
  const town = await startBenchTown({
    modelDelayMs: 0,
    polecats: 50,
    runtime: {
      start: async (start) => {
        started.resolve(start);
        return 'bench';
      },
      status: async () => 'running',
      stop: async () => undefined,
      stopTown: async () => 'gone',
      removeTown: async () => 'gone',
    },
  });
  const acceptedAtMs = new Map<string, number>();
  const slingMs: number[] = [];
  const sling = async (number: number): Promise<void> => {
    const startMs = performance.now();
    const bead = beadSchema.parse(
      await town.post(`/api/towns/${town.townId}/sling`, { rigId: town.rigId, title: `Bead ${number}`, body: 'Measured.' }),
    );
    const nowMs = performance.now();
    acceptedAtMs.set(bead.beadId, nowMs);
    slingMs.push(nowMs - startMs);
  };
  await sling(0);
  const runner = new ReadingRunner(town.controlPlane.url);
  await runner.begin(await started.promise);
  await sleep(2000);
  const first = [...acceptedAtMs.keys()];
  for (let number = 1; number <= slings; number += 1) {
    const nextMs = performance.now() + periodMs;
    await sling(number);
    await sleep(Math.max(0, nextMs - performance.now()));
  }
  await sleep(3000);
  const waits = [...acceptedAtMs]
    .filter(([beadId]) => !first.includes(beadId))
    .map(([beadId, atMs]) => Math.max(0, (runner.seenAtMs.get(beadId) ?? Number.POSITIVE_INFINITY) - atMs));
  await runner.end();
  await town.stop();
  return { t1Ms: spreadOf(waits), slingMs: spreadOf(slingMs.slice(1)) };
};
