// Ada's town, full of things in every state, and Bob's town beside it, made as people, runners and agents would make them.
import type { Agent } from '../../../functions/contracts/agent.schema.ts';
import type { Bead } from '../../../functions/contracts/bead.schema.ts';
import { routes } from '../../../functions/contracts/routes.ts';
import type { RouteId } from '../../../functions/contracts/routes.ts';
import { applyReport } from '../../../functions/operations/report.ts';
import { bootstrap } from '../../../functions/operations/bootstrap.ts';
import { desired } from '../../../functions/operations/desired.ts';
import { pushCheck } from '../../../functions/operations/push-check.ts';
import { ProblemError } from '../../../functions/api/problems.ts';
import { reconcileTown } from '../../../functions/reconcile/reconcile.ts';
import { callTool } from '../../../functions/tools/tool-set.ts';
import { bodyOf, client } from '../../api/call.ts';
import { watchedPorts } from './watched.ts';
import type { Watched } from './watched.ts';

/** In every name and text of Bob's town; no request carries it. */
export const marker = 'zebrafish';
export const sha = (digit: string): string => digit.repeat(40);

export interface World extends Watched {
  readonly townId: string;
  readonly rigIds: readonly string[];
  /** Bob's. */
  readonly otherTownId: string;
}
type Call = ReturnType<typeof client>;

/** Answers of the runner, once: takes over what was started, and says that everybody who should run does. */
export const tend = async ({ ports }: Watched, townId: string, instance: number): Promise<void> => {
  const lease = await ports.store.get('lease', { townId });
  if (lease === undefined || lease.state === 'absent') return;
  try {
    const started = ports.starts.findLast((start) => start.townId === townId);
    if (lease.state === 'starting' && started !== undefined)
      await bootstrap(ports, { townId, bootstrapToken: started.bootstrapToken, instanceId: `instance-${instance}`, protocolVersion: 1 });
    const held = (await ports.store.get('lease', { townId })) ?? lease;
    const { assignments } = await desired(ports, held);
    await applyReport(ports, held, {
      runtimeEpoch: held.runtimeEpoch,
      reportSeq: held.reportSeq + 1,
      agents: assignments.map(({ agentId, epoch, prompts }) => ({
        agentId,
        epoch,
        state: 'working',
        sessionId: `ses-${agentId}-${epoch}`,
        lastActivityAtMs: ports.clock.nowMs(),
        activeTools: [],
        deliveredPromptIds: prompts.map(({ promptId }) => promptId).slice(0, 50),
      })),
      turns: [],
      commandResults: [],
      runningCommandIds: [],
      usage: [],
      host: { rssBytes: 1, diskFreeBytes: 1, isolation: 'agent' },
    });
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
  }
};
const live = async (watched: Watched, townId: string, rounds: number): Promise<void> => {
  for (let round = 0; round < rounds; round += 1) {
    await reconcileTown(watched.ports, townId);
    await tend(watched, townId, 1);
    watched.ports.clock.advance(1000);
  }
};

const polecats = async ({ ports }: Watched, townId: string): Promise<Agent[]> =>
  (await ports.store.agentsOf(townId)).filter((agent) => agent.role === 'polecat' && agent.hookBeadId !== undefined);
const asAgent = async ({ ports }: Watched, agent: Agent, tool: string, args: object) =>
  callTool(ports, { ...agent, runtimeEpoch: (await ports.store.get('lease', { townId: agent.townId }))?.runtimeEpoch ?? 0 }, tool, args);

/** Pushes and says done; the bead goes into review. */
const finish = async (watched: Watched, agent: Agent, digit: string): Promise<void> => {
  const { ports } = watched;
  const { townId, agentId, epoch, hookBeadId = '', rigId = '' } = agent;
  const lease = await ports.store.get('lease', { townId });
  const bead = await ports.store.get('bead', { townId, beadId: hookBeadId });
  if (lease === undefined || bead?.details.type !== 'issue' || bead.details.moleculeId !== undefined) return;
  const branch = bead.details.branch ?? '';
  await pushCheck(ports, lease, {
    phase: 'after',
    agentId,
    epoch,
    rigId,
    branch,
    sha: sha(digit),
    baseSha: sha('0'),
    aheadBy: 1,
    commits: [],
  });
  await asAgent(watched, agent, 'gt_done', { branch, commit: sha(digit), summary: 'Done, with a test.' });
};

interface Settlers {
  readonly call: Call;
  readonly as: string;
  readonly townId: string;
  readonly word: string;
}
const settler = ({ call, as, townId }: Settlers) =>
  async function send(id: RouteId, body: object, params: Readonly<Record<string, string>> = {}): Promise<Bead> {
    const ofTown = Object.keys(routes[id].params.shape).includes('townId') ? { townId } : {};
    const answer = await call(id, { as, params: { ...ofTown, ...params }, body });
    if (answer.status >= 300) throw new Error(`${id} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer.body as Bead;
  };

/** Work in every state that people can bring it to. */
const furnish = async (settlers: Settlers, rigIds: readonly [string, string]): Promise<void> => {
  const send = settler(settlers);
  const { word } = settlers;
  const [rigId, secondRig] = rigIds;
  const sling = (title: string, more: object = {}): Promise<Bead> => send('sling', { rigId, title: `${word} ${title}`, ...more });
  const first = await sling('one');
  await sling('two', { dependsOn: [first.beadId], labels: ['ui'], metadata: { ticket: 1 } });
  await sling('three', { rigId: secondRig, parentId: first.beadId });
  await sling('four', { kind: 'no-code', priority: 'critical' });
  await sling('with steps', { formula: 'shiny', molecule: 'checklist', priority: 'critical' });
  await sling('with poured steps', { formula: 'shiny', molecule: 'poured' });
  const failed = await sling('failed');
  await send('failBead', { reason: `${word} was not needed` }, { beadId: failed.beadId });
  const done = await send('createBead', { rigId, title: `${word} by hand` });
  await send('closeBead', {}, { beadId: done.beadId });
  await send('archiveBead', {}, { beadId: done.beadId });
  const held = await send('createBead', { rigId, title: `${word} held` });
  await send('updateBead', { held: true }, { beadId: held.beadId });
  const tasks = [
    { title: `${word} part one` },
    { title: `${word} part two`, dependsOn: [0] },
    { title: `${word} part three`, rigId: secondRig },
  ];
  await send('slingBatch', { title: `${word} plan`, rigId, tasks, staged: true });
  await send('slingBatch', { title: `${word} run`, rigId, tasks, mergeMode: 'review-then-land', budgetUsd: 20 });
  await send('createFormula', {
    text: `formula = "${word.toLowerCase()}-own"\n[[steps]]\nid = "a"\ntitle = "A"\n[[steps]]\nid = "b"\ntitle = "B"\nneeds = ["a"]`,
  });
  if (word !== marker) await send('publishFormula', { fromTownId: settlers.townId, name: `${word.toLowerCase()}-own` });
  await send('createPersona', { personaId: `${word.toLowerCase()}-master`, name: `${word} Master`, overlay: `You know every ${word}.` });
  await send('sendMail', { to: 'role:mayor', subject: `${word} subject`, body: 'b' });
  await send('sayToMayor', { text: `${word} question` });
  await send('updateConfig', { 'merge.codeReview': true, 'limits.maxPolecatsPerRig': 4 });
};

/** Brings the newest requests to stages where workflows would have left them. */
const stage = async ({ ports }: Watched, townId: string): Promise<void> => {
  const requests = await ports.store.beadsBy({ townId, type: 'merge_request', status: 'open' }, { limit: 10 });
  const stages = ['held', 'blocked'] as const;
  for (const [index, to] of stages.entries()) {
    const request = requests.items[index];
    if (request?.details.type !== 'merge_request') continue;
    const item: Bead = { ...request, version: request.version + 1, details: { ...request.details, stage: to } };
    await ports.store.commit([{ put: 'bead', item, when: { equals: { version: request.version } } }]);
  }
};

/** The third request waits for its refinery's verdict. */
const review = async ({ ports }: Watched, townId: string): Promise<void> => {
  const [request] = (await ports.store.beadsBy({ townId, type: 'merge_request', status: 'in_progress' }, { limit: 1 })).items;
  if (request?.details.type !== 'merge_request' || request.rigId === undefined) return;
  const prepared = { targetSha: sha('0'), tip: sha('e'), headSha: request.details.headSha };
  const refineryId = `refinery-${request.rigId}`;
  const details = {
    ...request.details,
    prepared,
    review: { token: 'token-of-the-review', tip: prepared.tip, refineryId, tokenTaken: false },
  };
  const item: Bead = { ...request, version: request.version + 1, details };
  await ports.store.commit([{ put: 'bead', item, when: { equals: { version: request.version } } }]);
};

const aTown = async (watched: Watched, as: string, word: string): Promise<{ townId: string; rigIds: [string, string] }> => {
  const call = client(watched.ports);
  const { townId } = bodyOf('createTown', await call('createTown', { as, body: { name: `${word} Town` } }));
  const rig = async (name: string): Promise<string> =>
    bodyOf('createRig', await call('createRig', { as, params: { townId }, body: { name, gitUrl: `https://git.example.com/${name}.git` } }))
      .rigId;
  const rigIds: [string, string] = [await rig(`${word.toLowerCase()}web`), await rig(`${word.toLowerCase()}api`)];
  await furnish({ call, as, townId, word }, rigIds);
  await live(watched, townId, 4);
  const workers = await polecats(watched, townId);
  const finishing = workers.slice(0, -1);
  for (const [index, agent] of finishing.entries()) await finish(watched, agent, String(index + 1));
  for (const agent of workers.slice(-1)) {
    await asAgent(watched, agent, 'gt_escalate', { severity: 'high', category: 'help', title: `${word} help`, message: 'which one?' });
    await asAgent(watched, agent, 'gt_mail_send', { to: 'role:mayor', subject: `${word} mail`, body: 'hello' });
  }
  await stage(watched, townId);
  await live(watched, townId, 2);
  await review(watched, townId);
  await live(watched, townId, 2);
  return { townId, rigIds };
};

export const aWorld = async (): Promise<World> => {
  const watched = watchedPorts();
  const { townId, rigIds } = await aTown(watched, 'ada', 'Harbour');
  const other = await aTown(watched, 'bob', marker);
  return { ...watched, townId, rigIds, otherTownId: other.townId };
};
