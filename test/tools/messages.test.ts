// Mail and nudges through tools, the desired set and reports: who gets what, when, and never twice.
import { describe, expect, it } from 'vitest';
import type { ObservedAgent } from '../../functions/contracts/agent.schema.ts';
import type { RunnerReport } from '../../functions/contracts/runner.schema.ts';
import { desired } from '../../functions/operations/desired.ts';
import { done } from '../../functions/operations/done.ts';
import { checkMail, sendMail } from '../../functions/operations/mail.ts';
import { messageAgent } from '../../functions/operations/message-agent.ts';
import { openNudges, sendNudge } from '../../functions/operations/nudge.ts';
import { applyReport } from '../../functions/operations/report.ts';
import { reconcileTown } from '../../functions/reconcile/reconcile.ts';
import { callTool } from '../../functions/tools/tool-set.ts';
import type { FakePorts } from '../fakes/ports.ts';
import { aLease, agentIn, anAgent, anIssue, beadIn, identity, rigId, sha, townId, townWith } from './town.ts';

const maple = anAgent({ agentId: 'maple', name: 'Maple', hookBeadId: 'lib-other', slot: `${rigId}#2` });
const pushed = { sha: sha('b'), baseSha: sha('a'), aheadBy: 1, epoch: 4, at: '2026-11-21T10:00:00.000Z' };
const scene = () =>
  townWith({
    agents: [anAgent(), maple],
    beads: [anIssue({ pushed }), { ...anIssue({ branch: 'gt/maple/lib-other' }), beadId: 'lib-other', assigneeAgentId: 'maple' }],
  });
const person = { townId, from: 'user:ada', requestedBy: 'ada' } as const;
const letter = (to: string, more = {}) => ({ to, subject: 'Hello', body: 'Please read.', ...more });
const mapleCaller = identity({ agentId: 'maple' });

const promptsOf = async (ports: FakePorts, agentId: string) => {
  const lease = (await ports.store.get('lease', { townId })) ?? aLease();
  return (await desired(ports, lease)).assignments.find((assignment) => assignment.agentId === agentId)?.prompts;
};
const nudgesOf = async (ports: FakePorts, agentId: string) =>
  (await promptsOf(ports, agentId))?.filter((prompt) => prompt.promptId.startsWith('nudge-'));
let seq = 0;
const report = async (ports: FakePorts, observed: Partial<ObservedAgent>, turns: RunnerReport['turns'] = []) =>
  applyReport(
    ports,
    { townId, runtimeEpoch: 3 },
    {
      runtimeEpoch: 3,
      reportSeq: (seq += 1),
      agents: [{ agentId: 'toast', epoch: 4, state: 'working', activeTools: [], deliveredPromptIds: [], ...observed }],
      turns,
      commandResults: [],
      runningCommandIds: [],
      usage: [],
      host: { rssBytes: 1, diskFreeBytes: 1, isolation: 'none' },
    },
  );
const eventsIn = async (ports: FakePorts, type: string) =>
  (await ports.store.eventsOf(townId, {}, { limit: 100 })).items.filter((event) => event.type === type);
const nudge = (ports: FakePorts, input = {}) =>
  sendNudge(ports, { townId, to: 'toast', from: 'user:ada', requestedBy: 'ada', input: { text: 'Look at the dates.', ...input } });

describe('mail', () => {
  it('to a group is one message for each reader, in one thread', async () => {
    const ports = await scene();
    const sent = await sendMail(ports, person, letter('group:polecat'));
    expect(sent.map(({ details }) => details)).toMatchObject([
      { to: 'maple', sentTo: 'group:polecat', threadId: sent[0]?.beadId },
      { to: 'toast', sentTo: 'group:polecat', threadId: sent[0]?.beadId },
    ]);
    expect((await checkMail(ports, identity())).shown).toHaveLength(1);
    expect((await checkMail(ports, mapleCaller)).shown).toHaveLength(1);
    expect(await sendMail(ports, person, letter('group:toast, user:ada'))).toMatchObject([{ status: 'open' }, { status: 'closed' }]);
    await expect(sendMail(ports, person, letter('group:toast,nobody'))).rejects.toThrow(/nobody/);
    await expect(sendMail(ports, person, letter('group:triage'))).rejects.toThrow(/Nobody is in/);
  });
  it('of a queue is taken by one reader, also when two ask at once', async () => {
    const ports = await scene();
    const [mail] = await sendMail(ports, person, letter('queue:polecat'));
    expect((await promptsOf(ports, 'toast'))?.some((prompt) => prompt.promptId.startsWith('mail-'))).toBe(false);
    const both = await Promise.all([checkMail(ports, identity()), checkMail(ports, mapleCaller)]);
    expect(both.flatMap(({ shown }) => shown)).toHaveLength(1);
    expect((await beadIn(ports, mail?.beadId ?? '')).details).toMatchObject({ takenBy: expect.stringMatching(/toast|maple/) });
    await sendMail(ports, person, letter('queue:ideas'));
    expect((await checkMail(ports, identity())).shown).toEqual([]);
    expect((await checkMail(ports, identity(), { queue: 'ideas' })).shown).toHaveLength(1);
  });
  it('that answers a message goes to its thread and points at it', async () => {
    const ports = await scene();
    const [question] = await sendMail(ports, person, letter('toast', { threadId: 'dates' }));
    const answer = await callTool(ports, identity(), 'gt_mail_send', {
      to: 'user:ada',
      subject: 'Re: Hello',
      body: 'Done.',
      reply_to: question?.beadId,
    });
    expect(answer.isError).toBe(false);
    const [reply] = (await ports.store.beadsBy({ townId, type: 'message', status: 'closed' }, { limit: 5 })).items;
    expect(reply?.details).toMatchObject({ threadId: 'dates', repliesTo: question?.beadId });
    expect(await ports.store.dependenciesOf(townId, reply?.beadId ?? '')).toMatchObject([
      { dependsOnId: question?.beadId, type: 'replies-to' },
    ]);
    const wrong = await callTool(ports, identity(), 'gt_mail_send', { to: 'user:ada', subject: 's', body: 'b', reply_to: 'lib-work' });
    expect(wrong.text).toContain('There is no message lib-work');
  });
  it('is put into a prompt in bounded parts, the last saying what is left', async () => {
    const ports = await scene();
    for (let count = 0; count < 23; count += 1) await sendMail(ports, person, letter('toast'));
    const mails = (await promptsOf(ports, 'toast'))?.filter((prompt) => prompt.promptId.startsWith('mail-')) ?? [];
    expect(mails).toHaveLength(20);
    expect(mails.every((prompt) => prompt.mode === 'immediate')).toBe(true);
    expect(mails.at(-1)?.text).toContain('3 more messages wait');
    expect((await callTool(ports, identity(), 'gt_mail_check', {})).text).toContain('3 more messages wait');
  });
  it('that nobody reads for a week fails with that reason', async () => {
    const ports = await scene();
    const [mail] = await sendMail(ports, person, letter('maple'));
    ports.clock.advance(7 * 86_400_000);
    await reconcileTown(ports, townId);
    expect(await beadIn(ports, mail?.beadId ?? '')).toMatchObject({ status: 'failed', failure: { code: 'expired' } });
  });
});

describe('a nudge', () => {
  it('is in the desired set with its mode, urgent ones first, until the runner confirms it, and is delivered once', async () => {
    const ports = await scene();
    await nudge(ports);
    const urgent = await nudge(ports, { text: 'Stop: wrong branch.', mode: 'immediate', priority: 'urgent' });
    expect(urgent).toMatchObject({ sentAs: 'nudge', to: 'toast', sentence: expect.stringContaining('Toast gets it at once') });
    const prompts = await nudgesOf(ports, 'toast');
    expect(prompts?.map(({ mode }) => mode)).toEqual(['immediate', 'wait-idle']);
    expect(prompts?.[0]?.text).toContain('data from: nudge from user:ada');
    await report(ports, { deliveredPromptIds: [`nudge-${urgent.id}`] });
    await report(ports, { deliveredPromptIds: [`nudge-${urgent.id}`] });
    expect((await nudgesOf(ports, 'toast'))?.map(({ mode }) => mode)).toEqual(['wait-idle']);
    expect(await eventsIn(ports, 'nudge_queued')).toHaveLength(2);
    expect(await eventsIn(ports, 'nudge_delivered')).toMatchObject([{ agentId: 'toast', data: { nudgeId: urgent.id } }]);
  });
  it('that has expired is not delivered any more and leaves an event', async () => {
    const ports = await scene();
    await nudge(ports, { expiresInSeconds: 60 });
    ports.clock.advance(60_000);
    expect(await nudgesOf(ports, 'toast')).toEqual([]);
    await reconcileTown(ports, townId);
    expect(await eventsIn(ports, 'nudge_expired')).toMatchObject([{ agentId: 'toast', data: { from: 'user:ada' } }]);
    expect((await ports.store.workOf(townId)).some((item) => item.kind === 'nudge')).toBe(false);
  });
  it('comes through the tool of any agent, in bounded number', async () => {
    const ports = await scene();
    const answer = await callTool(ports, mapleCaller, 'gt_nudge', { agent: 'toast', message: 'I changed the dates.', mode: 'queue' });
    expect(answer.text).toContain('together with the next prompt');
    for (let count = 1; count < openNudges; count += 1) await nudge(ports);
    await expect(nudge(ports)).rejects.toThrow(/wait for Toast already/);
    expect((await callTool(ports, mapleCaller, 'gt_nudge', { agent: 'nobody', message: 'x' })).text).toContain('no agent nobody');
  });
  it('to the Mayor is mail', async () => {
    const ports = await scene();
    const sent = await sendNudge(ports, { townId, to: 'mayor', from: 'agent:toast', requestedBy: 'ada', input: { text: 'Which dates?' } });
    expect(sent).toMatchObject({ sentAs: 'mail' });
    expect((await beadIn(ports, sent.id)).details).toMatchObject({ to: 'role:mayor', from: 'agent:toast' });
  });
});

describe('an agent that has handed in its work (L27: agents exited at idle and messages were lost)', () => {
  const handedIn = async () => {
    const ports = await scene();
    await done(ports, identity(), { branch: 'gt/toast/lib-work', summary: 'Done.' });
    expect(await agentIn(ports, 'toast')).toMatchObject({ state: 'idle', lastBeadId: 'lib-work' });
    return ports;
  };
  it('has no process, is taken up again for a nudge within two minutes, and goes when its turn has ended', async () => {
    const ports = await handedIn();
    expect(await promptsOf(ports, 'toast')).toBeUndefined();
    ports.clock.advance(119_000);
    const { id } = await nudge(ports);
    expect((await promptsOf(ports, 'toast'))?.map(({ promptId }) => promptId)).toEqual([`nudge-${id}`]);
    await report(ports, { deliveredPromptIds: [`nudge-${id}`] });
    expect(await promptsOf(ports, 'toast')).toHaveLength(1);
    await report(ports, {}, [{ agentId: 'toast', epoch: 4, promptId: `nudge-${id}`, outcome: 'completed', text: 'Noted.' }]);
    expect(await promptsOf(ports, 'toast')).toBeUndefined();
    expect(await eventsIn(ports, 'nudge_delivered')).toHaveLength(1);
  });
  it('still gets what was said while it worked', async () => {
    const ports = await scene();
    await nudge(ports);
    await done(ports, identity(), { branch: 'gt/toast/lib-work', summary: 'Done.' });
    expect(await promptsOf(ports, 'toast')).toHaveLength(1);
  });
  it('is not taken up after the window, nor for what waits for its next prompt', async () => {
    const ports = await handedIn();
    await nudge(ports, { mode: 'queue' });
    expect(await promptsOf(ports, 'toast')).toBeUndefined();
    ports.clock.advance(121_000);
    expect(await nudge(ports)).toMatchObject({ sentence: expect.stringContaining('at rest') });
    expect(await promptsOf(ports, 'toast')).toBeUndefined();
  });
});

describe('words of a person to a worker (L31: messages for the Mayor were typed into a worker)', () => {
  const say = (ports: FakePorts, text: string, to = 'toast') => messageAgent(ports, { townId, userId: 'ada', to, text });
  it('reach it at once when they are about its work', async () => {
    const ports = await scene();
    expect(await say(ports, 'Use the helper in src/dates.ts.')).toMatchObject({ sentAs: 'nudge', to: 'toast' });
    expect(await nudgesOf(ports, 'toast')).toMatchObject([{ mode: 'immediate' }]);
  });
  it('go to the Mayor when they are about the town or another bead, and the answer says so', async () => {
    const ports = await scene();
    const sent = await say(ports, 'Please start a convoy for the API.');
    expect(sent).toMatchObject({ sentAs: 'mayor', to: 'mayor', sentence: expect.stringContaining('went to the Mayor, not to Toast') });
    expect(await say(ports, 'How far is lib-other?')).toMatchObject({ sentAs: 'mayor' });
    expect(await nudgesOf(ports, 'toast')).toEqual([]);
    const messages = (await ports.store.mayorMessages(townId, 'ada', { limit: 5 })).items;
    expect(messages.map(({ text }) => text)).toEqual(['How far is lib-other?', 'Please start a convoy for the API.']);
  });
  it('go to the Mayor when the worker has nothing to do with anything at present', async () => {
    const idle = anAgent({ agentId: 'birch', name: 'Birch', state: 'parked' });
    const { hookBeadId: _hook, slot: _slot, ...birch } = idle;
    const ports = await townWith({ agents: [birch] });
    expect(await say(ports, 'Use the helper.', 'birch')).toMatchObject({ sentAs: 'mayor', sentence: expect.stringContaining('no work') });
  });
});
