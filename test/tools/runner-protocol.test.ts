// The runner's side of the API through its handler: bootstrap, desired set, reports, tokens, session parts.
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import type { ObservedAgent } from '../../functions/contracts/agent.schema.ts';
import type { RunnerReport, bootstrapRequestSchema } from '../../functions/contracts/runner.schema.ts';
import { bootstrap } from '../../functions/operations/bootstrap.ts';
import { desired } from '../../functions/operations/desired.ts';
import { applyReport } from '../../functions/operations/report.ts';
import { refreshTokens } from '../../functions/operations/runner-tokens.ts';
import { storeSessionParts } from '../../functions/operations/session-parts.ts';
import { maxContinues } from '../../functions/domain/prompt-ids.ts';
import { bodyOf, client } from '../api/call.ts';
import type { FakePorts } from '../fakes/ports.ts';
import { aLease, aMessage, aRequest, aTown, agentIn, anAgent, anIssue, at, beadIn, issueIn, rigId, sha, townId, townWith } from './town.ts';

const caller = { townId, runtimeEpoch: 3 };
const leaseIn = async (ports: FakePorts) => {
  const lease = await ports.store.get('lease', { townId });
  if (lease === undefined) throw new Error('no lease');
  return lease;
};
const desiredIn = async (ports: FakePorts) => desired(ports, await leaseIn(ports));
const seen = (more: Partial<ObservedAgent> = {}): ObservedAgent => ({
  agentId: 'toast',
  epoch: 4,
  state: 'working',
  activeTools: [],
  deliveredPromptIds: [],
  ...more,
});
let seq = 0;
const report = (more: Partial<RunnerReport> = {}): RunnerReport => ({
  runtimeEpoch: 3,
  reportSeq: (seq += 1),
  agents: [],
  turns: [],
  commandResults: [],
  runningCommandIds: [],
  usage: [],
  host: { rssBytes: 1, diskFreeBytes: 1, isolation: 'none' },
  ...more,
});

const part = (partSeq: number) => ({
  seq: partSeq,
  messageId: 'm',
  role: 'assistant' as const,
  kind: 'text' as const,
  text: 'x'.repeat(20_000),
  atMs: 1,
});

describe('bootstrap', () => {
  const request: z.infer<typeof bootstrapRequestSchema> = {
    townId,
    bootstrapToken: 'bootstrap-token-1234',
    instanceId: 'instance-1',
    protocolVersion: 1,
  };
  it('takes the lease, and repeats for the same instance within ten minutes only', async () => {
    const ports = await townWith({ lease: aLease({ state: 'starting' }) });
    const first = await bootstrap(ports, request);
    expect(first.runtimeEpoch).toBe(3);
    expect(await ports.tokens.verify(first.runnerToken)).toMatchObject({ kind: 'runner', townId, runtimeEpoch: 3 });
    expect(await leaseIn(ports)).toMatchObject({ state: 'live', instanceId: 'instance-1' });
    expect((await bootstrap(ports, request)).runtimeEpoch).toBe(3);
    await expect(bootstrap(ports, { ...request, instanceId: 'instance-2' })).rejects.toMatchObject({ status: 409 });
    ports.clock.advance(11 * 60_000);
    await expect(bootstrap(ports, request)).rejects.toMatchObject({ status: 409 });
  });
  it('refuses a token of an earlier start', async () => {
    const ports = await townWith({ lease: aLease({ state: 'starting' }) });
    await expect(bootstrap(ports, { ...request, bootstrapToken: 'bootstrap-token-old' })).rejects.toMatchObject({ status: 401 });
  });
});

describe('the desired set', () => {
  it('gives a polecat its branch, gates, model, identity, prompts and a token of its epoch', async () => {
    const ports = await townWith({ agents: [anAgent()], beads: [anIssue()] });
    const { assignments, rigs } = await desiredIn(ports);
    const assignment = assignments[0];
    expect(assignment).toMatchObject({
      agentId: 'toast',
      role: 'polecat',
      epoch: 4,
      workspace: { kind: 'branch', rigId, branch: 'gt/toast/lib-work', startPoint: 'main' },
      model: { kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:4499/v1', model: 'scripted-polecat' },
      commit: { authorName: 'Person ada', authorEmail: 'ada@example.com', committerName: 'Toast (gastown)' },
      gates: [{ name: 'tests' }],
    });
    expect(assignment?.commit?.trailers).toEqual([
      'Co-authored-by: Toast (gastown) <toast.t-test1@noreply.gastown.invalid>',
      'Agent-Model: scripted-polecat',
      'Requested-by: Person ada <ada@example.com>',
      'Bead-ID: lib-work',
    ]);
    expect(assignment?.prompts.map((prompt) => prompt.promptId)).toEqual(['start-lib-work-4']);
    expect(await ports.tokens.verify(assignment?.agentToken ?? '')).toMatchObject({
      kind: 'agent',
      townId,
      agentId: 'toast',
      epoch: 4,
      role: 'polecat',
      runtimeEpoch: 3,
    });
    expect(rigs).toEqual([{ rigId, name: 'library', gitUrl: '/tmp/library.git', defaultBranch: 'main', hasCredential: false }]);
  });
  it('gives a refinery the reviewed commit and the Mayor its messages by person', async () => {
    const refinery = anAgent({ agentId: 'refinery-r-rig1', name: 'Refinery', role: 'refinery', hookBeadId: 'lib-mr1' });
    const { hookBeadId: _hook, slot: _slot, ...mayor } = anAgent({ agentId: 'mayor', name: 'Mayor', role: 'mayor', epoch: 1 });
    const request = aRequest(
      { review: { token: 't', tip: sha('c'), refineryId: refinery.agentId, tokenTaken: false } },
      { status: 'in_progress' },
    );
    const ports = await townWith({
      agents: [refinery, mayor],
      beads: [anIssue({}, { status: 'in_review' }), request],
      messages: [aMessage()],
    });
    const { assignments } = await desiredIn(ports);
    expect(assignments.map((each) => [each.agentId, each.workspace.kind])).toEqual([
      ['mayor', 'browse'],
      ['refinery-r-rig1', 'detached'],
    ]);
    expect(assignments[0]?.prompts).toMatchObject([{ promptId: '01JD5N0000000000000000MSG1', threadUserId: 'ada' }]);
    expect(assignments[1]).toMatchObject({ workspace: { sha: sha('c') }, gates: [] });
  });
  it('leaves out agents at rest, of another bead, and whose verdict is in', async () => {
    const ports = await townWith({
      agents: [anAgent({ state: 'idle' }), anAgent({ agentId: 'maple', name: 'Maple' })],
      beads: [anIssue()],
    });
    expect((await desiredIn(ports)).assignments).toEqual([]);
  });
  it('keeps its version while only tokens change, and changes it with the content', async () => {
    const ports = await townWith({ agents: [anAgent()], beads: [anIssue()] });
    const first = await desiredIn(ports);
    ports.clock.advance(1000);
    const second = await desiredIn(ports);
    expect(second.desiredVersion).toBe(first.desiredVersion);
    expect(second.assignments[0]?.agentToken).not.toBe(first.assignments[0]?.agentToken);
    await ports.store.commit([{ put: 'agent', item: anAgent({ epoch: 5, version: 2 }), when: 'none' }]);
    expect((await desiredIn(ports)).desiredVersion).not.toBe(first.desiredVersion);
  });
  it("uses the role's own model where the town has one", async () => {
    const route = { kind: 'openai-compatible' as const, baseUrl: 'https://models.example/v1', model: 'big' };
    const polecat = { ...route, keyRef: 'towns/t-test1/models/polecat-1', keyMask: '****' };
    const ports = await townWith({
      town: aTown({ config: { ...aTown().config, 'models.polecat': polecat } }),
      agents: [anAgent()],
      beads: [anIssue()],
    });
    await ports.secrets.put(polecat.keyRef, 'k');
    expect((await desiredIn(ports)).assignments[0]?.model).toEqual({ ...route, apiKey: 'k' });
  });
});

describe('a report', () => {
  it('of an older runtime, or from one that was replaced, is refused', async () => {
    const ports = await townWith({});
    await expect(applyReport(ports, { townId, runtimeEpoch: 2 }, report({ runtimeEpoch: 2 }))).rejects.toMatchObject({
      status: 409,
      parts: { detail: expect.stringContaining('runtime_epoch_old') },
    });
  });
  it('is applied once, in order, and answers with the version to read', async () => {
    const ports = await townWith({ agents: [anAgent({ state: 'starting' })], beads: [anIssue()] });
    const one = report({ agents: [seen({ statusLine: 'Looking at the code', sessionId: 'ses_1' })] });
    const answer = await applyReport(ports, caller, one);
    expect(answer).toMatchObject({ accepted: true, desiredVersion: (await desiredIn(ports)).desiredVersion });
    expect(await agentIn(ports, 'toast')).toMatchObject({
      state: 'working',
      sessionId: 'ses_1',
      statusLine: { text: 'Looking at the code' },
    });
    const before = await agentIn(ports, 'toast');
    expect(await applyReport(ports, caller, one)).toMatchObject({ accepted: false });
    await applyReport(ports, caller, report({ agents: [seen({ statusLine: 'Looking at the code', sessionId: 'ses_1' })] }));
    expect(await agentIn(ports, 'toast')).toEqual(before);
    const events = await ports.store.eventsOf(townId, { agentId: 'toast', beadId: 'lib-work' }, { limit: 10 });
    expect(events.items.map((event) => event.type)).toEqual(['agent_started']);
  });
  it('ignores agents of an older epoch', async () => {
    const ports = await townWith({ agents: [anAgent({ epoch: 9, state: 'starting' })], beads: [anIssue()] });
    await applyReport(ports, caller, report({ agents: [seen()] }));
    expect((await agentIn(ports, 'toast')).state).toBe('starting');
    expect(await ports.store.reportsOf(townId)).toEqual([]);
  });
  it('tells about an ended process once, and leaves the bead to the rules', async () => {
    const ports = await townWith({ agents: [anAgent()], beads: [anIssue()] });
    const gone = seen({ state: 'failed', error: { cause: 'infrastructure', message: 'No space left on the disk.' } });
    await applyReport(ports, caller, report({ agents: [gone] }));
    await applyReport(ports, caller, report({ agents: [gone] }));
    const events = await ports.store.eventsOf(townId, { agentId: 'toast', beadId: 'lib-work' }, { limit: 10 });
    expect(events.items).toMatchObject([{ type: 'agent_exited', new: 'No space left on the disk.' }]);
    expect((await beadIn(ports, 'lib-work')).status).toBe('in_progress');
  });
  it("turns the Mayor's finished turn into one answer, however often it is told", async () => {
    const { hookBeadId: _hook, slot: _slot, ...mayor } = anAgent({ agentId: 'mayor', name: 'Mayor', role: 'mayor', epoch: 1 });
    const ports = await townWith({ agents: [mayor], messages: [aMessage()] });
    const { messageId } = aMessage();
    const delivered = seen({ agentId: 'mayor', epoch: 1, deliveredPromptIds: [messageId] });
    await applyReport(ports, caller, report({ agents: [delivered] }));
    expect(await ports.store.get('mayorMessage', { townId, userId: 'ada', messageId })).toMatchObject({ state: 'working' });
    const turns = [{ agentId: 'mayor', epoch: 1, promptId: messageId, outcome: 'completed' as const, text: '# Started\nThree beads.' }];
    await applyReport(ports, caller, report({ agents: [delivered], turns }));
    await applyReport(ports, caller, report({ agents: [delivered], turns }));
    const messages = (await ports.store.mayorMessages(townId, 'ada', { limit: 10 })).items;
    expect(messages.filter((message) => message.role === 'mayor')).toMatchObject([
      { replyTo: messageId, text: '# Started\nThree beads.', state: 'final' },
    ]);
    expect(messages.find((message) => message.messageId === messageId)).toMatchObject({ state: 'answered' });
    expect((await ports.store.workOf(townId)).filter((item) => item.kind === 'mayor')).toEqual([]);
  });
  it('tells the person why the Mayor could not answer', async () => {
    const ports = await townWith({ messages: [aMessage()] });
    await applyReport(
      ports,
      caller,
      report({ turns: [{ agentId: 'mayor', epoch: 1, promptId: aMessage().messageId, outcome: 'failed', text: 'connection refused' }] }),
    );
    expect(await ports.store.get('mayorMessage', { townId, userId: 'ada', messageId: aMessage().messageId })).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('connection refused'),
    });
  });
  it('asks a worker to go on when its turn ended with the bead on the hook, and gives the bead back after a few times', async () => {
    const ports = await townWith({ agents: [anAgent()], beads: [anIssue()] });
    const end = (promptId: string) =>
      applyReport(
        ports,
        caller,
        report({
          agents: [seen({ state: 'waiting' })],
          turns: [{ agentId: 'toast', epoch: 4, promptId, outcome: 'completed', text: 'Done, I think.' }],
        }),
      );
    await end('start-lib-work-4');
    await end('start-lib-work-4');
    expect((await desiredIn(ports)).assignments[0]?.prompts.map((prompt) => prompt.promptId)).toEqual([
      'start-lib-work-4',
      'continue-lib-work-4-1',
    ]);
    for (let count = 1; count <= maxContinues; count += 1) await end(`continue-lib-work-4-${count}`);
    expect(await beadIn(ports, 'lib-work')).toMatchObject({ status: 'open' });
    expect(await issueIn(ports, 'lib-work')).toMatchObject({ lastError: expect.stringContaining('without finishing') });
    expect(await agentIn(ports, 'toast')).toMatchObject({ state: 'idle' });
  });
  it('asks a refinery to go on a few times too, and then leaves its request to the rules', async () => {
    const ports = await townWith({
      agents: [anAgent({ role: 'refinery', hookBeadId: 'lib-mr1' })],
      beads: [
        aRequest({ review: { token: 't', tip: sha('b'), refineryId: 'toast', tokenTaken: false } }, { status: 'in_progress' }),
        anIssue({}, { status: 'in_review' }),
      ],
    });
    const end = (promptId: string) =>
      applyReport(
        ports,
        caller,
        report({
          agents: [seen({ state: 'waiting' })],
          turns: [{ agentId: 'toast', epoch: 4, promptId, outcome: 'completed', text: 'Hello' }],
        }),
      );
    await end('review-lib-mr1-1-4');
    for (let count = 1; count <= maxContinues; count += 1) await end(`continue-lib-mr1-4-${count}`);
    await end(`continue-lib-mr1-4-${maxContinues}`);
    expect(await agentIn(ports, 'toast')).toMatchObject({ state: 'waiting', hookBeadId: 'lib-mr1', continues: maxContinues + 1 });
    expect((await desiredIn(ports)).assignments[0]?.prompts).toHaveLength(1 + maxContinues);
  });
  it('settles commands once and gives their result to the step that waits', async () => {
    const command = {
      townId,
      commandId: `${townId}-mr-x-1-prepare-1`,
      payload: { kind: 'check-rig' as const, rigId },
      state: 'queued' as const,
      deadlineAtMs: 1,
      token: 'step-token',
      tokenTaken: false,
      version: 1,
      createdAt: at,
      updatedAt: at,
    };
    const pushId = `${townId}-mr-x-1-push-1`;
    const ports = await townWith({
      more: [
        { put: 'command', item: command, when: 'none' },
        { put: 'command', item: { ...command, commandId: pushId, token: 'push-token' }, when: 'none' },
      ],
    });
    expect((await desiredIn(ports)).commands.map((each) => each.commandId)).toEqual([command.commandId, pushId]);
    const results = [
      { commandId: command.commandId, result: { kind: 'check-rig' as const, ok: true, message: 'fine' } },
      { commandId: pushId, result: { kind: 'error' as const, retryable: true, message: 'the host is down' } },
      { commandId: 'unknown', result: { kind: 'check-rig' as const, ok: true, message: '' } },
    ];
    await applyReport(ports, caller, report({ commandResults: results }));
    await applyReport(ports, caller, report({ commandResults: results }));
    expect(ports.workflow.settled).toEqual([{ token: 'step-token', output: results[0]?.result }]);
    expect(ports.workflow.failed).toEqual([{ token: 'push-token', error: { name: 'RunnerCommandRetryable', cause: 'the host is down' } }]);
    expect((await desiredIn(ports)).commands).toEqual([]);
  });
  it('counts a model call once, whoever repeats it', async () => {
    const ports = await townWith({});
    const row = {
      callId: 'call-1',
      agentId: 'toast',
      epoch: 4,
      model: 'm',
      inputTokens: 10,
      outputTokens: 5,
      cacheReadTokens: 0,
      durationMs: 100,
      atMs: ports.clock.nowMs(),
    };
    await applyReport(ports, caller, report({ usage: [row, row] }));
    await applyReport(ports, caller, report({ usage: [row] }));
    expect(await ports.store.usageOf(townId, '20261121')).toMatchObject([{ callId: 'call-1', inputTokens: 10 }]);
  });
});

describe('tokens and session parts', () => {
  it('refreshes tokens of live agents of the present epoch only', async () => {
    const ports = await townWith({ agents: [anAgent(), anAgent({ agentId: 'maple', name: 'Maple', state: 'idle' })], beads: [anIssue()] });
    const answer = await refreshTokens(ports, await leaseIn(ports), {
      runtimeEpoch: 3,
      agents: [
        { agentId: 'toast', epoch: 4 },
        { agentId: 'toast', epoch: 3 },
        { agentId: 'maple', epoch: 4 },
      ],
    });
    expect(answer.agents.map((each) => each.agentId)).toEqual(['toast']);
  });
  it('stores a batch once and cuts it to what an item holds', async () => {
    const ports = await townWith({ agents: [anAgent()], beads: [anIssue()] });
    const batch = {
      runtimeEpoch: 3,
      agentId: 'toast',
      epoch: 4,
      beadId: 'lib-work',
      batchId: '01JD5N0000000000000000BAT1',
      parts: Array.from({ length: 100 }, (_, index) => part(index)),
    };
    const lease = await leaseIn(ports);
    await storeSessionParts(ports, lease, batch);
    await storeSessionParts(ports, lease, batch);
    const { items } = await ports.store.sessionBatches(townId, 'toast', {}, { limit: 10 });
    expect(items).toHaveLength(1);
    expect(Buffer.byteLength(items[0]?.parts ?? '')).toBeLessThan(310 * 1024);
  });
  it('keeps a part that is too large for an item whole in Files; the transcript shows its beginning and leads to the whole', async () => {
    const ports = await townWith({ agents: [anAgent()], beads: [anIssue()] });
    const long = 'ä'.repeat(150_000);
    const tool = { name: 'bash', status: 'completed' as const, input: 'cat log', output: long };
    const { text: _none, ...plain } = part(1);
    const batch = {
      runtimeEpoch: 3,
      agentId: 'toast',
      epoch: 4,
      batchId: '01JD5N0000000000000000BAT1',
      parts: [
        { ...part(0), text: 'short' },
        { ...plain, kind: 'tool' as const, tool },
      ],
    };
    const lease = await leaseIn(ports);
    await storeSessionParts(ports, lease, batch);
    await storeSessionParts(ports, lease, batch);
    expect(await ports.files.list(`towns/${townId}/sessions/`)).toHaveLength(1);
    const call = client(ports);
    const params = { townId, agentId: 'toast' };
    const [shown] = bodyOf('agentSession', await call('agentSession', { as: 'ada', params })).items;
    expect(shown?.parts[0]).toEqual({ ...part(0), text: 'short' });
    const cut = shown?.parts[1];
    expect(cut?.tool?.output).toContain('more bytes]');
    expect(cut?.whole).toMatchObject({ partId: '01JD5N0000000000000000BAT1-1' });
    const partId = cut?.whole?.partId ?? '';
    expect(bodyOf('agentSessionPart', await call('agentSessionPart', { as: 'ada', params: { ...params, partId } })).tool).toEqual(tool);
    const gone = await call('agentSessionPart', { as: 'ada', params: { ...params, partId: '01JD5N0000000000000000BAT1-0' } });
    expect(gone.status).toBe(404);
  });
});
