// A town is deleted in the middle of its work: nothing of it is left on the machine, its neighbour goes on, and late callers create nothing.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { createDynamoStore } from '../../functions/adapters/dynamodb/dynamodb-store.ts';
import { systemClock } from '../../functions/adapters/system.ts';
import type { Gate } from '../../functions/contracts/gate.schema.ts';
import { routes } from '../../functions/contracts/routes.ts';
import type { RouteId } from '../../functions/contracts/routes.ts';
import type { Store } from '../../functions/ports.ts';
import { reconcileTown } from '../../functions/reconcile/reconcile.ts';
import { localTableName } from '../../infra/local/dynamodb-local.ts';
import { createLocalTokens } from '../../infra/local/ports/sign-in.ts';
import { makeSampleRepository } from '../../infra/local/scripted-model/sample-repository.ts';
import { fakePorts } from '../fakes/ports.ts';
import { eventually, startLocalTown } from './local-town.ts';
import type { LocalTown } from './local-town.ts';
import { runnerPids } from './processes.ts';
import { commitsOf } from './repository.ts';
import { noTraces, storeOf, tracesOf } from './town-traces.ts';
import type { TownTraces } from './town-traces.ts';

const limitMs = 120_000;
/** Runs until it is ended. */
const endless: Gate = { name: 'endless', command: 'exec sleep 86399', timeoutSeconds: 3600, phase: 'merge' };
const source = (name: string): string => `Add a constant.\n\n\`\`\`file path=src/${name}.js\nexport const ${name} = 1;\n\`\`\`\n`;
const kinds = ({ rows }: TownTraces): string[] => [...new Set(rows.map((row) => row.split(' ')[0] ?? ''))].toSorted();
interface Place {
  readonly townId: string;
  readonly rigId: string;
}

describe('a town that is deleted while it works', () => {
  let town: LocalTown;
  let folder: string;
  let table: DynamoDBClient | undefined;
  let store: Store;
  const openStore = (): void => {
    table?.destroy();
    table = storeOf(town.dataDir);
    store = createDynamoStore({ client: table, tableName: localTableName });
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gastown-gone-'));
    town = await startLocalTown({ timings: { passGapMs: 4000 } });
    openStore();
  }, 120_000);
  afterAll(async () => {
    table?.destroy();
    await town.stop();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  const restart = async (): Promise<void> => {
    await town.killControlPlane();
    await town.restart();
    openStore();
  };
  const traces = (townId: string): Promise<TownTraces> => tracesOf(town.dataDir, table ?? storeOf(town.dataDir), townId);
  const settle = async (name: string, gates: readonly Gate[]): Promise<Place> => {
    const { townId } = await town.call('createTown', { body: { name } });
    const gitUrl = join(folder, `${name}.git`);
    await makeSampleRepository(gitUrl);
    const credential = { username: 'ada', password: `key of ${name}` };
    const { rigId } = await town.call('createRig', { params: { townId }, body: { name: 'web', gitUrl, gates: [...gates], credential } });
    return { townId, rigId };
  };
  /** A convoy with one bead that is being merged, and one that is worked on; a conversation; a kept pass, a secret, an open socket. */
  const busy = async ({ townId, rigId }: Place): Promise<TownTraces> => {
    const params = { townId };
    const tasks = [
      { title: 'Add one', body: source('one') },
      { title: 'Add two', body: `[scenario: slow]\n${source('two')}` },
    ];
    await town.call('slingBatch', { params, body: { title: 'Two constants', rigId, parallel: true, tasks } });
    await town.call('sayToMayor', { params, body: { text: 'Hello' } });
    return eventually(
      'a merge under way, an agent alive and a stored conversation',
      limitMs,
      async () => {
        const found = await traces(townId);
        const running = found.processes.join('\n');
        return running.includes('sleep 86399') && running.includes('opencode serve') && kinds(found).includes('sessionBatch')
          ? found
          : undefined;
      },
      town.log,
    );
  };
  const ask = async (id: RouteId, { townId, token, body }: { townId: string; token: string; body?: unknown }): Promise<Response> => {
    const { method, path } = routes[id];
    return fetch(`${town.url()}${path.replace('{townId}', townId)}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  };
  /** What the town's people, its runner and its agent can still try, with tokens that are good by their signature. */
  const callersOf = async ({ townId, rigId }: Place) => {
    const tokens = await createLocalTokens(join(town.dataDir, 'keys', 'signing.json'), systemClock);
    const [lease, agent] = await Promise.all([store.get('lease', { townId }), store.get('agent', { townId, agentId: 'toast' })]);
    if (lease === undefined || agent === undefined) throw new Error('the town does not work');
    const { runtimeEpoch } = lease;
    const { agentId, epoch, role } = agent;
    const runner = await tokens.sign({ kind: 'runner', townId, runtimeEpoch }, 3_600_000);
    const agentToken = await tokens.sign({ kind: 'agent', townId, agentId, epoch, role, runtimeEpoch }, 3_600_000);
    const { ticket } = z.object({ ticket: z.string() }).parse(await (await ask('runnerTicket', { townId, token: runner })).json());
    const bootstrapToken = /GASTOWN_BOOTSTRAP_TOKEN=([^\0]+)/.exec(
      readFileSync(`/proc/${runnerPids(town.dataDir)[0] ?? 0}/environ`, 'utf8'),
    )?.[1];
    const part = { seq: 9999, messageId: 'm', role: 'assistant', kind: 'text', text: 'Late', atMs: Date.now() };
    const host = { rssBytes: 1, diskFreeBytes: 1, isolation: 'none' };
    const lists = { agents: [], turns: [], commandResults: [], runningCommandIds: [], usage: [] };
    const bodies: Readonly<Record<string, unknown>> = {
      sling: { rigId, title: 'Late' },
      sayToMayor: { text: 'Late' },
      createRig: { name: 'late', gitUrl: join(folder, 'Harbour.git'), credential: { username: 'a', password: 'b' } },
      runnerBootstrap: { townId, bootstrapToken, instanceId: 'late-instance', protocolVersion: 1 },
      runnerReport: { runtimeEpoch, reportSeq: 1_000_000, host, ...lists },
      runnerSession: { runtimeEpoch, agentId, epoch, batchId: '01M7ZW3TERNP1GY35MPY6X0JTG', parts: [part] },
      runnerGitCredential: { rigId },
      runnerTokens: { runtimeEpoch, agents: [{ agentId, epoch }] },
    };
    const status = async (id: RouteId): Promise<readonly [RouteId, number]> => {
      const token = id.startsWith('runner') ? runner : town.token();
      return [id, (await ask(id, { townId, token, body: bodies[id] })).status];
    };
    const tool = async (): Promise<boolean | undefined> => {
      const params = { name: 'gt_mail_send', arguments: { to: 'mayor', subject: 'Late', body: 'Late' } };
      const answer = await ask('mcp', { townId, token: agentToken, body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params } });
      return z.object({ result: z.object({ isError: z.boolean() }) }).parse(await answer.json()).result.isError;
    };
    const socket = (): Promise<number | undefined> =>
      new Promise((resolve) => {
        const opened = new WebSocket(`${town.url().replace('http', 'ws')}/ws?ticket=${ticket}`);
        opened.on('unexpected-response', (_request, { statusCode }) => resolve(statusCode));
        opened.on('open', () => resolve(101));
        opened.on('error', () => undefined);
      });
    return { status, tool, socket };
  };
  const ofPeople = ['getTown', 'listBeads', 'sling', 'sayToMayor', 'createRig'] as const;
  const ofTheRunner = ['runnerDesired', 'runnerReport', 'runnerSession', 'runnerTicket', 'runnerGitCredential', 'runnerTokens'] as const;

  it('leaves nothing behind, its neighbour works on, and late callers create nothing (L20, L99)', async () => {
    const gone = await settle('Harbour', [endless]);
    const before = await busy(gone);
    expect(kinds(before)).toEqual(
      expect.arrayContaining(['agent', 'alarm', 'bead', 'command', 'connection', 'event', 'lease', 'mayorMessage', 'rig', 'town', 'work']),
    );
    expect(before).toMatchObject({ secrets: [expect.anything()], executions: [expect.anything()] });
    expect(before.files.length).toBeGreaterThan(3);
    const late = await callersOf(gone);
    const stays = await settle('Meadow', []);
    const bead = await town.call('sling', {
      params: { townId: stays.townId },
      body: { rigId: stays.rigId, title: 'Add three', body: source('three') },
    });

    await town.call('deleteTown', { params: { townId: gone.townId }, body: { confirm: 'Harbour' } });
    let left: TownTraces = before;
    const isLeft = async (): Promise<true | undefined> => {
      // Whoever began before the deletion goes on calling while the town is removed.
      await Promise.all([...[...ofPeople, ...ofTheRunner].map(late.status), late.tool()]);
      left = await traces(gone.townId);
      return isDeepStrictEqual(left, noTraces) ? true : undefined;
    };
    await eventually('nothing of the town to be left', 90_000, isLeft).catch(() => undefined);
    expect(left).toEqual(noTraces);

    expect(await Promise.all(ofPeople.map(late.status))).toEqual(ofPeople.map((id) => [id, 404]));
    expect(await Promise.all(ofTheRunner.map(late.status))).toEqual(ofTheRunner.map((id) => [id, 409]));
    expect(await late.status('runnerBootstrap')).toEqual(['runnerBootstrap', 401]);
    expect(await late.tool()).toBe(true);
    expect(await late.socket()).toBe(401);
    expect(await reconcileTown(fakePorts({ store }), gone.townId)).toEqual({ done: 0, lost: 0, failed: 0 });

    await eventually(
      'the bead of the neighbour to be merged',
      limitMs,
      async () => {
        const now = await town.call('getBead', { params: { townId: stays.townId, beadId: bead.beadId } });
        return now.bead.status === 'closed' ? true : undefined;
      },
      town.log,
    );
    expect(commitsOf(join(folder, 'Meadow.git'), 'main').filter((commit) => commit.parents === 2)).toHaveLength(1);
    expect((await traces(stays.townId)).secrets).toHaveLength(1);
    // What a new process finds on disk and in the table brings nothing back.
    await restart();
    expect((await town.call('listTowns')).items.map(({ townId }) => townId)).toEqual([stays.townId]);
    expect(await traces(gone.townId)).toEqual(noTraces);
  }, 400_000);

  it('leaves nothing behind though its runner was killed before and the control plane is killed after the deletion', async () => {
    const gone = await settle('Cliff', [endless]);
    await busy(gone);
    const runner = Number((await traces(gone.townId)).processes.find((line) => line.endsWith('main.ts'))?.split(' ')[0]);
    process.kill(runner, 'SIGKILL');
    await town.call('deleteTown', { params: { townId: gone.townId }, body: { confirm: 'Cliff' } });
    await restart();
    let left: TownTraces = noTraces;
    await eventually('nothing of the town to be left', 90_000, async () => {
      left = await traces(gone.townId);
      return isDeepStrictEqual(left, noTraces) ? true : undefined;
    }).catch(() => undefined);
    expect(left).toEqual(noTraces);
  }, 400_000);
});
