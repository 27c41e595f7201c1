// Leaves the task token with the request: a rule hooks it on the rig's refinery, whose verdict comes back through the token.
import { z } from 'zod';
import { lambda } from '../api/lambda.ts';
import type { Verdict } from '../contracts/merge-request.schema.ts';
import { isFeatureBranch } from '../domain/convoy/branches.ts';
import { convoyRefineryId, refineryId } from '../domain/plan/names.ts';
import type { MergeRequestBead } from '../domain/prompts/refinery.ts';
import { revised } from '../domain/transition.ts';
import { MergeInputInvalid } from './errors.ts';
import { carriedBy, requestWrites, stepScene, settle } from './scene.ts';
import { defineTask, taskInput } from './task.ts';

/** Merges within a convoy have a refinery of their own; the rig's looks at everything that goes to its default branch. */
const reviewerOf = ({ rigId, details }: MergeRequestBead & { readonly rigId: string }): string =>
  details.convoyId !== undefined && isFeatureBranch(details.targetBranch) ? convoyRefineryId(details.convoyId) : refineryId(rigId);
const inputSchema = z.object({ ...taskInput, token: z.string().min(1).max(2000) });

/** A verdict on this very tip is given again at once; one that is awaited comes to the new token. */
export const createTask = defineTask(inputSchema, async (ports, input): Promise<null> => {
  const known = await settle<Verdict | undefined>(ports, async () => {
    const carried = await carriedBy(ports, input);
    const { request } = carried;
    const { prepared, review } = request.details;
    if (prepared === undefined) throw new MergeInputInvalid('nothing is prepared for a review');
    const asked = review?.tip === prepared.tip ? review : undefined;
    if (asked?.token === input.token) return { writes: [], result: asked.verdict };
    const scene = stepScene(ports, carried, input);
    const next = {
      token: input.token,
      tip: prepared.tip,
      refineryId: reviewerOf(request),
      tokenTaken: false,
      ...(asked?.verdict === undefined ? {} : { verdict: asked.verdict }),
    };
    const after = revised(request, { details: { ...request.details, review: next } }, scene.at);
    return { writes: requestWrites(request, after, scene), result: asked?.verdict };
  });
  if (known !== undefined) await ports.workflow.succeed(input.token, known);
  return null;
});

export const handler = lambda(createTask);
