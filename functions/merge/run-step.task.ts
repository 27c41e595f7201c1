// Gives the runner a command and leaves the task token with it. Repeated, it finds the same command; a settled one answers at once.
import { z } from 'zod';
import { lambda } from '../api/lambda.ts';
import type { Command } from '../contracts/runner.schema.ts';
import { deliverResult } from '../operations/commands.ts';
import type { Ports, Write } from '../ports.ts';
import { findCommand, payloadOf, steps } from './commands.ts';
import type { StepOf } from './commands.ts';
import { carriedBy, settle } from './scene.ts';
import { defineTask, roundSchema, taskInput } from './task.ts';

const inputSchema = z.object({ ...taskInput, step: z.enum(steps), round: roundSchema, token: z.string().min(1).max(2000) });

/** What a command may take: the usual deadline, and the gates' own limits on top. */
const deadlineAtMs = (ports: Pick<Ports, 'clock' | 'deployment'>, payload: Command['payload']): number =>
  ports.clock.nowMs() +
  ports.deployment.timings.commandDeadlineMs +
  (payload.kind === 'gates' ? payload.gates.reduce((sum, gate) => sum + gate.timeoutSeconds * 1000, 0) : 0);

const fresh = async (ports: Ports, step: StepOf & { readonly token: string }): Promise<{ writes: Write[]; result: Command }> => {
  const carried = await carriedBy(ports, step);
  const { commandId, command } = await findCommand(ports, step, carried);
  const nowMs = ports.clock.nowMs();
  const at = new Date(nowMs).toISOString();
  if (command === undefined) {
    const payload = await payloadOf(ports, step, carried);
    const item: Command = {
      townId: step.townId,
      commandId,
      payload,
      state: 'queued',
      deadlineAtMs: deadlineAtMs(ports, payload),
      token: step.token,
      tokenTaken: false,
      version: 1,
      createdAt: at,
      updatedAt: at,
    };
    return { writes: [{ put: 'command', item, when: { absent: true } }], result: item };
  }
  if (command.state === 'done' || command.token === step.token) return { writes: [], result: command };
  // An earlier life of this step asked before: the command goes on, its answer comes to us.
  const item: Command = {
    ...command,
    token: step.token,
    deadlineAtMs: deadlineAtMs(ports, command.payload),
    version: command.version + 1,
    updatedAt: at,
  };
  return { writes: [{ put: 'command', item, when: { equals: { version: command.version } } }], result: item };
};

/** The answer of the runner comes through the token; this task itself answers nothing. */
export const createTask = defineTask(inputSchema, async (ports, input): Promise<null> => {
  const command = await settle(ports, () => fresh(ports, input));
  if (command.state === 'done' && command.result !== undefined) await deliverResult(ports, input.token, command.result);
  return null;
});

export const handler = lambda(createTask);
