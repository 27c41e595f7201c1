// Takes the test merge: what is under review from now on, and which way the execution goes.
import { z } from 'zod';
import { lambda } from '../api/lambda.ts';
import type { Commit } from '../contracts/commit.schema.ts';
import { mergeNeeds } from '../domain/merge/needs.ts';
import { strategyFor } from '../domain/merge/strategy.ts';
import type { Strategy } from '../domain/merge/strategy.ts';
import { gatedOnOf } from '../domain/merge-request.ts';
import { revised } from '../domain/transition.ts';
import { MergeInputInvalid } from './errors.ts';
import { findCommand, resultIn, takenWrites } from './commands.ts';
import { carriedBy, requestWrites, settle, stepScene, surroundingsOf } from './scene.ts';
import { defineTask, roundSchema, taskInput } from './task.ts';

/** Keeps the request's item far below the limit of the table (400 KB). */
const storedCommits = 20;
const shortened = (commits: readonly Commit[]): Commit[] =>
  commits.slice(0, storedCommits).map((commit) => ({ ...commit, message: commit.message.slice(0, 1500) }));

export interface Prepared {
  readonly outcome: 'merged' | 'conflict' | 'already-merged' | 'source-missing';
  /** The gates must run: there are some, and not on this very head and target before. */
  readonly gates: boolean;
  /** A refinery must look at it. */
  readonly review: boolean;
  /** How it reaches its target when it is good. */
  readonly strategy: Strategy;
}

export const createTask = defineTask(z.object({ ...taskInput, round: roundSchema }), async (ports, input): Promise<Prepared> =>
  settle(ports, async () => {
    const carried = await carriedBy(ports, input);
    const { request, onTrain } = carried;
    const { rig, town, persona, source } = await surroundingsOf(ports, carried);
    const strategy = onTrain ? 'direct' : strategyFor(request.details, { town, rig, bead: source, userId: request.requestedBy });
    const { prepared } = request.details;
    const gatedOn = gatedOnOf(request.details);
    const asked = await findCommand(ports, { ...input, step: 'prepare' }, carried);
    const told = asked.command?.result;
    // A landing takes its branch as the host has it.
    const headSha = (told?.kind === 'prepare' ? told.headSha : undefined) ?? request.details.headSha;
    const gatedOnto = (targetSha: string): boolean => gatedOn?.targetSha === targetSha && gatedOn.headSha === headSha;
    const needs = mergeNeeds({ town, rig, persona }, onTrain);
    const answerOnto = (targetSha: string): Prepared => ({
      outcome: 'merged',
      gates: needs.gates && !gatedOnto(targetSha),
      review: needs.review,
      strategy,
    });
    // This step took the result before: what it kept of it is with the request.
    if (asked.command === undefined && prepared?.headSha === headSha) return { writes: [], result: answerOnto(prepared.targetSha) };
    const result = resultIn(asked.command, 'prepare');
    const nothing = { gates: false, review: false, strategy };
    if (result.outcome !== 'merged') return { writes: [], result: { outcome: result.outcome, ...nothing } };
    const { targetSha, tip } = result;
    if (targetSha === undefined || tip === undefined) throw new MergeInputInvalid('a test merge without commits');
    const scene = stepScene(ports, carried, input);
    const taken = takenWrites(asked);
    const answer = answerOnto(targetSha);
    const gated = gatedOnto(targetSha);
    if (prepared?.tip === tip && prepared.headSha === headSha) return { writes: [], afterwards: taken, result: answer };
    const after = revised(
      request,
      {
        details: {
          ...request.details,
          headSha,
          prepared: { targetSha, tip, headSha, ...(gated ? { gated } : {}) },
          ...(gated ? {} : { gates: [] }),
          commits: shortened(result.commits),
        },
      },
      scene.at,
    );
    return { writes: requestWrites(request, after, scene), afterwards: taken, result: answer };
  }),
);

export const handler = lambda(createTask);
