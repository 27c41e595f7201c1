// Takes the results of the gates, on the merged result or on the bare target.
import { z } from 'zod';
import { lambda } from '../api/lambda.ts';
import type { GateResult } from '../contracts/commit.schema.ts';
import type { MergeRequestDetails } from '../contracts/merge-request.schema.ts';
import { gatesGreen, redGateNames } from '../domain/merge/brief.ts';
import { revised } from '../domain/transition.ts';
import { findCommand, resultIn, takenWrites } from './commands.ts';
import { carriedBy, decisionWrites, requestWrites, stepScene, settle } from './scene.ts';
import { defineTask, roundSchema, taskInput } from './task.ts';

type Prepared = NonNullable<MergeRequestDetails['prepared']>;

const inputSchema = z.object({ ...taskInput, round: roundSchema, step: z.enum(['gates', 'target-gates']) });

/** The request is written often: of a green gate the end of its output is enough, a red one keeps what it said for the repair. */
const greenOutputCharacters = 200;
const shortened = (gate: GateResult): GateResult => (gate.ok ? { ...gate, output: gate.output.slice(-greenOutputCharacters) } : gate);

/** What was prepared, without what earlier gates said of it. */
const tested = ({ targetSha, tip, headSha }: Prepared): Prepared => ({ targetSha, tip, headSha });

export const createTask = defineTask(inputSchema, async (ports, input): Promise<{ green: boolean }> =>
  settle(ports, async () => {
    const carried = await carriedBy(ports, input);
    const { request, onTrain } = carried;
    const asked = await findCommand(ports, input, carried);
    // This step took the result before: what it kept of it is with the request.
    if (asked.command === undefined && input.step === 'gates' && request.details.gates.length > 0)
      return { writes: [], result: { green: request.details.gates.every((gate) => gate.ok) } };
    const result = resultIn(asked.command, 'gates');
    const answer = { green: result.ok };
    // The results on the bare target are judged with the result; the request shows its own.
    if (input.step === 'target-gates') return { writes: [], result: answer };
    const scene = stepScene(ports, carried, input);
    const taken = takenWrites(asked);
    const { gatedOn: _old, prepared, ...details } = request.details;
    const after = revised(
      request,
      {
        details: {
          ...details,
          gates: result.results.map(shortened),
          ...(prepared === undefined ? {} : { prepared: { ...tested(prepared), ...(result.ok ? { gated: true as const } : {}) } }),
        },
      },
      scene.at,
    );
    // What comes next tells that they are green: a review that begins, a train that leaves.
    if (result.ok && !onTrain) return { writes: requestWrites(request, after, scene), afterwards: taken, result: answer };
    const event = result.ok
      ? gatesGreen(request.beadId, result.results.length)
      : ({
          type: 'gate_result',
          new: `red: ${redGateNames(result.results)}`,
          data: { mergeRequestId: request.beadId, gates: result.results.length, result: 'red' },
        } as const);
    return {
      writes: decisionWrites(ports, scene, { changes: [{ before: request, after }], more: [], event }),
      afterwards: taken,
      result: answer,
    };
  }),
);

export const handler = lambda(createTask);
