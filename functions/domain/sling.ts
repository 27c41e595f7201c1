// What slinging makes: issue beads, their edges, and the convoy around them. Pure; the ids and the time come from the caller.
import type { Bead } from '../contracts/bead.schema.ts';
import type { ConvoyEstimate } from '../contracts/convoy.schema.ts';
import type { Dependency, Gate } from '../contracts/dependency.schema.ts';
import type { IssueDetails } from '../contracts/issue.schema.ts';
import { limits } from '../contracts/primitives.schema.ts';
import type { Principal } from '../contracts/primitives.schema.ts';
import type { SlingBatchInput, SlingInput } from '../contracts/routes.ts';
import { featureBranchOf } from './convoy/branches.ts';
import type { Modes } from './convoy/defaults.ts';
import { landingCycle } from './convoy/waves.ts';
import { effectOf, findCycle, isBlocking, newEdge } from './dependencies.ts';
import { waitsOn, withMarks } from './edges.ts';
import { newBead } from './new-bead.ts';

export interface Slinger {
  readonly townId: string;
  readonly userId: string;
  readonly actor: Principal;
  /** ISO time. */ readonly at: string;
}

/** Server-set label of beads that need no code. */
const noCodeLabel = 'gt:no-code';
const reservedLabel = 'gt:';
/** Labels that a caller may not set; they ask by `kind` instead. */
export const reservedLabels = (labels: readonly string[]): string[] => labels.filter((label) => label.startsWith(reservedLabel));

const issueDetails = (more: Partial<IssueDetails>): IssueDetails => ({
  type: 'issue',
  issueType: 'task',
  kind: 'work',
  commits: [],
  ...more,
});

/** What a new bead depends on, as it was read. */
export interface NewDependency {
  readonly target: Bead;
  readonly type: string;
  readonly gate?: Gate | undefined;
}
/** One bead and its edges. Blockers that are closed already count as resolved. */
export const slungBead = (
  slinger: Slinger,
  beadId: string,
  input: SlingInput,
  more: { readonly dependencies: readonly NewDependency[]; readonly held: boolean },
): { bead: Bead; edges: Dependency[] } => {
  const { townId, userId, actor, at } = slinger;
  const edges = more.dependencies.map(({ target, type, gate }) =>
    newEdge(
      { townId, beadId, dependsOnId: target.beadId, type, gate, at },
      isBlocking(type) && type !== 'waits-for' && effectOf({ type }, target) === 'free',
    ),
  );
  const bead = newBead(
    {
      townId,
      beadId,
      title: input.title,
      details: issueDetails({
        issueType: input.issueType,
        kind: input.kind,
        ...(input.personaId === undefined ? {} : { personaId: input.personaId }),
        ...(input.settings === undefined ? {} : { settings: input.settings }),
      }),
      requestedBy: userId,
      createdBy: actor,
      at,
    },
    {
      body: input.body,
      rigId: input.rigId,
      priority: input.priority,
      metadata: input.metadata,
      held: more.held,
      labels: input.kind === 'no-code' ? [...input.labels, noCodeLabel] : input.labels,
      openBlockers: edges.filter(waitsOn).length,
    },
  );
  return { bead, edges };
};

/** A batch whose modes are decided. */
export type SettledBatch = SlingBatchInput & Modes & { readonly estimate?: ConvoyEstimate };
export type BatchProblem = { readonly path: string; readonly message: string };
const titleAt = (input: SettledBatch, index: number): string => `${index} "${input.tasks[index]?.title ?? ''}"`;

/** What is wrong with a batch as asked; empty when it can be made. Rigs are looked up by the caller. */
export const batchProblems = (input: SettledBatch): BatchProblem[] => {
  const problems: BatchProblem[] = [];
  for (const [index, task] of input.tasks.entries()) {
    if ((task.rigId ?? input.rigId) === undefined)
      problems.push({
        path: `body.tasks.${index}.rigId`,
        message: `task ${titleAt(input, index)} names no rig, and the batch has none for all`,
      });
    for (const on of task.dependsOn) {
      if (on >= input.tasks.length)
        problems.push({
          path: `body.tasks.${index}.dependsOn`,
          message: `task ${titleAt(input, index)} depends on task ${on}, but there are only ${input.tasks.length} (from 0)`,
        });
    }
  }
  if (input.tasks.length >= 2 && !input.parallel && input.tasks.every((task) => task.dependsOn.length === 0)) {
    problems.push({
      path: 'body.parallel',
      message: 'several tasks without any dependsOn: say which task waits for which, or say parallel: true when none does',
    });
  }
  const cycle = findCycle(input.tasks.map((task) => task.dependsOn));
  if (cycle !== undefined)
    problems.push({
      path: 'body.tasks',
      message: `tasks wait for each other in a circle: ${cycle.map((index) => titleAt(input, index)).join(' → ')}`,
    });
  const rigs = new Set(input.tasks.map((task) => task.rigId ?? input.rigId));
  if (rigs.size > limits.convoyRigs)
    problems.push({ path: 'body.tasks', message: `a convoy touches at most ${limits.convoyRigs} rigs, this one ${rigs.size}` });
  if (cycle === undefined && input.mergeMode === 'review-then-land') problems.push(...landingProblems(input));
  return problems;
};

/** Between rigs a task starts when the other rig has landed, which takes every task of that rig. */
const landingProblems = (input: SettledBatch): BatchProblem[] => {
  const circle = landingCycle(
    input.tasks.map((task, index) => ({
      id: String(index),
      rigId: task.rigId ?? input.rigId ?? '',
      dependsOn: task.dependsOn.map(String),
    })),
  );
  if (circle === undefined) return [];
  const named = circle.map((name) => (/^\d+$/.test(name) ? titleAt(input, Number(name)) : `landing of ${name}`));
  return [
    {
      path: 'body.tasks',
      message: `the rigs cannot land as a whole, because they wait for each other in a circle: ${named.join(' → ')}; use review-and-merge or two convoys`,
    },
  ];
};

export interface Batch {
  readonly convoy: Bead;
  readonly members: readonly Bead[];
  readonly edges: readonly Dependency[];
}

/** The beads of a batch without problems; `memberIds` in the order of the tasks. */
export const slungBatch = (
  slinger: Slinger,
  ids: { readonly convoyId: string; readonly memberIds: readonly string[] },
  input: SettledBatch,
): Batch => {
  const { townId, userId, actor, at } = slinger;
  const { convoyId, memberIds } = ids;
  const idAt = (index: number): string => memberIds[index] ?? '';
  const convoy = newBead({
    townId,
    beadId: convoyId,
    title: input.title,
    requestedBy: userId,
    createdBy: actor,
    at,
    details: {
      type: 'convoy',
      totalBeads: memberIds.length,
      closedBeads: 0,
      failedBeads: 0,
      mergeMode: input.mergeMode,
      staged: input.staged,
      memberIds: [...memberIds],
      featureBranch: featureBranchOf(input.title, convoyId),
      ...(input.series === undefined ? {} : { series: input.series }),
      ...(input.estimate === undefined ? {} : { estimate: input.estimate }),
      ...(input.budgetUsd === undefined ? {} : { settings: { 'budget.convoyUsd': input.budgetUsd } }),
    },
  });
  const edges: Dependency[] = [];
  const members = input.tasks.map((task, index) => {
    const beadId = idAt(index);
    const blockers = [...new Set(task.dependsOn)].map(idAt);
    const rigId = task.rigId ?? input.rigId;
    edges.push(newEdge({ townId, beadId: convoyId, dependsOnId: beadId, type: 'tracks', at }));
    edges.push(...blockers.map((dependsOnId) => newEdge({ townId, beadId, dependsOnId, type: 'blocks', at })));
    return newBead(
      {
        townId,
        beadId,
        title: task.title,
        details: issueDetails({
          convoyId,
          position: index,
          kind: task.kind ?? 'work',
          ...(task.personaId === undefined ? {} : { personaId: task.personaId }),
        }),
        requestedBy: userId,
        createdBy: actor,
        at,
      },
      {
        body: task.body,
        priority: task.priority,
        labels: task.kind === 'no-code' ? [noCodeLabel] : [],
        openBlockers: blockers.length,
        ...(rigId === undefined ? {} : { rigId }),
      },
    );
  });
  return { convoy, members: withMarks(members, edges), edges };
};
