// Every setting has an effect at every scope where it exists (L103): two values of it, and what they lead to in the code that runs.
// A row of the table without an effect here is red.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { rowOf, settingKeys } from '../../functions/contracts/settings.schema.ts';
import type { SettingKey, Settings } from '../../functions/contracts/settings.schema.ts';
import { settledModes } from '../../functions/domain/convoy/defaults.ts';
import { escalationSettings } from '../../functions/domain/escalations.ts';
import { mergeNeeds, mergeRounds } from '../../functions/domain/merge/needs.ts';
import { pullRequestOptions, reviewModeFor, strategyFor } from '../../functions/domain/merge/strategy.ts';
import type { MergeOwners } from '../../functions/domain/merge/strategy.ts';
import { notifyChannels } from '../../functions/domain/notifications.ts';
import { budgetMicroUsdOf, dayStandings, unknownPriceUsdPerMTok } from '../../functions/domain/spending/budgets.ts';
import { modelOf } from '../../functions/domain/model-choice.ts';
import { scopesOf } from '../../functions/domain/settings.ts';
import { desired } from '../../functions/operations/desired.ts';
import { withRetention } from '../../functions/operations/retention.ts';
import { bodyOf, client } from '../api/call.ts';
import { aLease, aRequest, anIssue, hooked, iso, nowMs, ofKind, said as actionsOf, sha, work } from '../rules/build.ts';
import { rigId, aLease as townLease, townId } from '../tools/town.ts';
import { sampleItems } from '../store/sample-items.ts';
import { assignmentSaying, ownersSaying, passSaying, storedSaying } from './world.ts';
import type { Said } from './world.ts';

type Value = NonNullable<Settings[SettingKey]>;
interface Effect {
  readonly values: readonly [Value, Value];
  readonly shows: readonly [unknown, unknown];
  readonly observe: (said: Said) => unknown;
  readonly beside?: Settings;
}

const gate = (name: string) => ({ name, command: name, timeoutSeconds: 60, phase: 'both' as const });
const model = (name: string) => ({ kind: 'bedrock', model: name }) as const;
const modelNames: Pick<Effect, 'values' | 'shows'> = { values: [model('one'), model('two')], shows: [model('one'), model('two')] };
const modelFor = (role: 'polecat' | 'refinery' | 'mayor') => async (said: Said) => (await assignmentSaying(said, role)).model;
const three = ['web-a001', 'web-a002', 'web-a003'].map((beadId) => anIssue(beadId));
const dispatched = (said: Said): number => ofKind(passSaying(said, three), 'dispatch').length;
const prompt = (role: 'polecat' | 'refinery' | 'mayor') => async (said: Said) =>
  /Look at (\w+)\./.exec((await assignmentSaying(said, role)).systemPrompt)?.[1];
const instructions = { values: ['Look at tests.', 'Look at types.'], shows: ['tests', 'types'] } as const;
const standing = (scope: string) => (said: Said) => {
  const { town, rig } = ownersSaying(said);
  return dayStandings([], { town, rigs: [rig], nowMs }).find((each) => each.scope === scope)?.limit;
};
const status = (act: (said: Said) => Promise<{ status: number }>) => async (said: Said) => (await act(said)).status;
const roll = { values: [{ to: 'all' }, { to: 'off' }], shows: [201, 403] } as const;

/** Members of two convoys that wait for a verdict. */
const waitingReviews = ['hq-c001', 'hq-c002'].map((convoyId, index) => {
  const review = { token: 't', tip: sha('c'), refineryId: `refinery-${convoyId}`, tokenTaken: false };
  return aRequest(`web-m00${index}`, { status: 'in_progress' }, { convoyId, review });
});

/** Days after which the table deletes what is written now. */
const keptDays = (name: 'event' | 'sessionBatch') => async (said: Said) => {
  const ports = await storedSaying(said);
  const { event, sessionBatch } = sampleItems(townId);
  const store = withRetention(ports.store, ports.clock);
  await store.commit([
    { put: 'event', item: event, when: 'none' },
    { put: 'sessionBatch', item: sessionBatch, when: 'none' },
  ]);
  const [item, key] =
    name === 'event' ? [event, await store.get('event', event)] : [sessionBatch, await store.get('sessionBatch', sessionBatch)];
  return ((key?.deleteAfterEpochSeconds ?? 0) * 1000 - Date.parse(item.at)) / 86_400_000;
};

const ownersOf = (said: Said): MergeOwners => ({ ...ownersSaying(said), userId: 'ada' });

const effects: Partial<Record<SettingKey, Effect>> = {
  'models.default': { ...modelNames, observe: modelFor('polecat') },
  'models.polecat': { ...modelNames, observe: modelFor('polecat') },
  'models.refinery': { ...modelNames, observe: modelFor('refinery') },
  'models.mayor': { ...modelNames, observe: modelFor('mayor') },
  'models.triage': { ...modelNames, observe: (said) => modelOf('triage', scopesOf(ownersSaying(said))) },
  'models.small': {
    values: ['one', 'two'],
    shows: ['one', 'two'],
    observe: async (said) => (await assignmentSaying(said, 'polecat')).smallModel,
  },
  'models.provider': {
    values: [{ kind: 'bedrock' }, { kind: 'opencode-provider', provider: 'anthropic' }],
    shows: [model('m'), { kind: 'opencode-provider', provider: 'anthropic', model: 'm' }],
    beside: { 'models.default': { kind: 'provider', model: 'm' } },
    observe: modelFor('polecat'),
  },
  env: {
    values: [[], [{ name: 'REGION', secret: false, value: 'north' }]],
    shows: [{}, { REGION: 'north' }],
    observe: async (said) => (await assignmentSaying(said, 'polecat')).env,
  },
  gates: {
    values: [[gate('one')], [gate('two')]],
    shows: [['one'], ['two']],
    observe: async (said) => (await assignmentSaying(said, 'polecat')).gates.map(({ name }) => name),
  },
  'instructions.polecat': { ...instructions, observe: prompt('polecat') },
  'instructions.refinery': { ...instructions, observe: prompt('refinery') },
  'instructions.mayor': { ...instructions, observe: prompt('mayor') },
  'identity.authorName': {
    values: ['Ada L.', 'The harbour'],
    shows: ['Ada L.', 'The harbour'],
    observe: async (said) => (await assignmentSaying(said, 'polecat')).commit?.authorName,
  },
  'identity.authorEmail': {
    values: ['ada@example.com', 'crew@example.com'],
    shows: ['ada@example.com', 'crew@example.com'],
    observe: async (said) => (await assignmentSaying(said, 'polecat')).commit?.authorEmail,
  },
  'identity.disableCoAuthor': {
    values: [false, true],
    shows: [true, false],
    observe: async (said) => (await assignmentSaying(said, 'polecat')).commit?.trailers.some((line) => line.startsWith('Co-authored-by')),
  },
  'merge.codeReview': { values: [true, false], shows: [true, false], observe: (said) => mergeNeeds(ownersSaying(said), false).review },
  'merge.maxReworkRounds': { values: [0, 4], shows: [0, 4], observe: (said) => mergeRounds(ownersSaying(said)).maxReworkRounds },
  'merge.maxConflictRounds': { values: [0, 4], shows: [0, 4], observe: (said) => mergeRounds(ownersSaying(said)).maxConflictRounds },
  'merge.autoResolveConflicts': {
    values: [true, false],
    shows: [3, 0],
    observe: (said) => mergeRounds(ownersSaying(said)).maxConflictRounds,
  },
  'merge.strategy': {
    values: ['pr', 'direct'],
    shows: ['pr', 'direct'],
    observe: (said) => strategyFor({ targetBranch: 'main' }, ownersOf(said)),
  },
  'merge.reviewMode': {
    values: ['comments', 'rework'],
    shows: ['comments', 'rework'],
    observe: (said) => reviewModeFor('pr', ownersOf(said)),
  },
  'merge.autoMerge': { values: [true, false], shows: [true, false], observe: (said) => pullRequestOptions(ownersOf(said)).autoMerge },
  'merge.autoMergeDelayMinutes': {
    values: [1, 7],
    shows: [60_000, 420_000],
    observe: (said) => pullRequestOptions(ownersOf(said)).autoMergeDelayMs,
  },
  'merge.autoResolveFeedback': {
    values: [true, false],
    shows: [true, false],
    observe: (said) => pullRequestOptions(ownersOf(said)).autoResolveFeedback,
  },
  'merge.methods': {
    values: [['rebase'], ['merge', 'squash']],
    shows: [['rebase'], ['merge', 'squash']],
    observe: (said) => pullRequestOptions(ownersOf(said)).methods,
  },
  'merge.maxFeedbackRounds': { values: [0, 4], shows: [0, 4], observe: (said) => pullRequestOptions(ownersOf(said)).maxFeedbackRounds },
  'flags.prStrategy': {
    values: [{ to: 'all' }, { to: 'off' }],
    shows: ['pr', 'direct'],
    beside: { 'merge.strategy': 'pr' },
    observe: (said) => strategyFor({ targetBranch: 'main' }, ownersOf(said)),
  },
  'convoy.mergeMode': {
    values: ['review-and-merge', 'review-then-land'],
    shows: ['review-and-merge', 'review-then-land'],
    observe: (said) => {
      const { town, rig } = ownersSaying(said);
      const wishes = said.scope === 'convoy' ? { mergeMode: said.settings['convoy.mergeMode'] } : {};
      return settledModes(wishes, { beads: 2, byMayor: false, town, rig }).mergeMode;
    },
  },
  'convoy.staged': {
    values: [false, true],
    shows: [false, true],
    observe: (said) => {
      const { town, rig } = ownersSaying(said);
      const wishes = said.scope === 'convoy' ? { staged: said.settings['convoy.staged'] } : {};
      return settledModes(wishes, { beads: 2, byMayor: false, town, rig }).staged;
    },
  },
  'convoy.stagedAboveBeads': {
    values: [1, 2],
    shows: [true, false],
    observe: (said) => settledModes({}, { beads: 2, byMayor: true, ...ownersSaying(said) }).staged,
  },
  'convoy.stagedAboveUsd': {
    values: [4, 5],
    shows: [true, false],
    observe: (said) => settledModes({}, { beads: 2, byMayor: true, costMicroUsd: 5_000_000, ...ownersSaying(said) }).staged,
  },
  'refinery.maxConvoyConcurrency': {
    values: [1, 2],
    shows: [1, 2],
    observe: (said) =>
      ofKind(passSaying(said, waitingReviews, { work: waitingReviews.map(({ beadId }) => work('merge', beadId)) }), 'hook-refinery').length,
  },
  'limits.maxPolecatsPerRig': { values: [1, 3], shows: [1, 3], observe: dispatched },
  'limits.maxAgents': { values: [1, 2], shows: [1, 2], observe: dispatched },
  'limits.maxDispatchAttempts': {
    values: [2, 3],
    shows: [['web-a001'], []],
    observe: (said) => ofKind(passSaying(said, [anIssue('web-a001', { dispatchAttempts: 2 })]), 'exhaust').map(({ beadId }) => beadId),
  },
  'limits.beadTimeoutMinutes': {
    values: [30, 90],
    shows: [true, false],
    observe: (said) => {
      const bead = anIssue('web-a001', { status: 'in_progress', assigneeAgentId: 'toast' }, { agentMs: 3_600_000 });
      const agents = [hooked('toast', 'web-a001', { startedAt: iso() })];
      return ofKind(passSaying(said, [bead], { agents, lease: aLease() }), 'time-out').length > 0;
    },
  },
  'runtime.idleMinutes': {
    values: [1, 60],
    shows: [true, false],
    observe: (said) =>
      actionsOf(passSaying(said, [], { lease: aLease({ idleSinceMs: nowMs - 300_000 }) })).some((each) => each.startsWith('R2 stop')),
  },
  'budget.dayUsd': { values: [1, 2], shows: [1_000_000, 2_000_000], observe: standing('town') },
  'budget.dayTokens': { values: [10, 20], shows: [10, 20], observe: standing('tokens') },
  'budget.rigDayUsd': {
    values: [1, 2],
    shows: [1_000_000, 2_000_000],
    observe: (said) => standing(`rig#${ownersSaying(said).rig.rigId}`)(said),
  },
  'budget.convoyUsd': {
    values: [1, 2],
    shows: [1_000_000, 2_000_000],
    observe: (said) => budgetMicroUsdOf(ownersSaying(said).convoy, ownersSaying(said)),
  },
  'budget.beadUsd': {
    values: [1, 2],
    shows: [1_000_000, 2_000_000],
    observe: (said) => budgetMicroUsdOf(ownersSaying(said).bead, ownersSaying(said)),
  },
  'budget.unknownPriceUsdPerMTok': { values: [7, 9], shows: [7, 9], observe: (said) => unknownPriceUsdPerMTok(ownersSaying(said).town) },
  'notify.channels': {
    values: [[{ kind: 'ui' }], [{ kind: 'ui' }, { kind: 'email' }]],
    shows: [1, 2],
    observe: (said) => notifyChannels(ownersSaying(said).town).length,
  },
  'escalation.reescalateHours': {
    values: [1, 2],
    shows: [3_600_000, 7_200_000],
    observe: (said) => escalationSettings(ownersSaying(said).town).reescalateMs,
  },
  'escalation.max': { values: [1, 2], shows: [1, 2], observe: (said) => escalationSettings(ownersSaying(said).town).max },
  'retention.eventsDays': { values: [30, 500], shows: [30, 500], observe: keptDays('event') },
  'retention.transcriptsDays': { values: [30, 500], shows: [30, 500], observe: keptDays('sessionBatch') },
  'flags.convoys': {
    ...roll,
    observe: status(async (said) =>
      client(await storedSaying(said))('slingBatch', {
        as: 'ada',
        params: { townId },
        body: { title: 'Quay', rigId, tasks: [{ title: 'Paint' }] },
      }),
    ),
  },
  'flags.multiRig': {
    ...roll,
    observe: status(async (said) =>
      client(await storedSaying(said))('createRig', {
        as: 'ada',
        params: { townId },
        body: { name: 'api', gitUrl: 'https://git.example.com/api.git' },
      }),
    ),
  },
};

/** Shown by the tests of their own areas, for each scope. */
const shownElsewhere: Partial<Record<SettingKey, string>> = {
  'merge.deleteBranches': 'functions/reconcile/apply/branches.test.ts',
  'runtime.maxHoursPerDay': 'functions/domain/plan/hours.test.ts',
};

const read = settingKeys.filter((key) => 'readBy' in rowOf(key).reader);
const cases = read.flatMap((key) => {
  const effect = effects[key];
  return effect === undefined ? [] : rowOf(key).scopes.map((scope) => ({ key, scope, effect }));
});

it('every setting that is read has an effect here, or names the test that shows it', () => {
  const isShown = (key: SettingKey): boolean => {
    const file = shownElsewhere[key];
    return file !== undefined && readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), 'utf8').includes(`'${key}'`);
  };
  expect(read.filter((key) => effects[key] === undefined && !isShown(key))).toEqual([]);
});

describe('a setting', () => {
  it.each(cases)('$key has its effect when the $scope says it', async ({ key, scope, effect }) => {
    for (const index of [0, 1] as const) {
      const said: Said = {
        scope,
        settings: { [key]: effect.values[index] },
        ...(effect.beside === undefined ? {} : { beside: effect.beside }),
      };
      expect(await effect.observe(said)).toEqual(effect.shows[index]);
    }
    expect(effect.shows[0]).not.toEqual(effect.shows[1]);
  });
});

it('is taken from the newest settings at each decision, not from what was copied when an agent started (L8)', async () => {
  const ports = await storedSaying({ scope: 'town', settings: {} });
  const call = client(ports);
  const before = bodyOf('getConfig', await call('getConfig', { as: 'ada', params: { townId } }));
  expect(before['instructions.polecat']).toBeUndefined();
  await call('updateRigConfig', { as: 'ada', params: { townId, rigId }, body: { 'instructions.polecat': 'Look at docs.' } });
  const { assignments } = await desired(ports, townLease());
  expect(assignments.find((each) => each.role === 'polecat')?.systemPrompt).toContain('Look at docs.');
});
