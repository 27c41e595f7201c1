// `bd` and `gt` in an agent's shell: says to the agent's tools what the command line says. Started by the two small scripts beside it.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { printed, printedJson } from './print.ts';
import type { Printable } from './print.ts';
import { isProgram, readCommand } from './read-command.ts';
import { callTool, doorVariable, findDoor } from './tool-call.ts';
import type { ToolDoor } from './tool-call.ts';
import type { Call, Surroundings } from './verb.ts';

const exits = { done: 0, refused: 1, usage: 2 } as const;

const around = (role: string): Surroundings => ({
  role,
  git: (...args) => {
    const { status, stdout } = spawnSync('git', args, { encoding: 'utf8' });
    return status === 0 && stdout.trim() !== '' ? stdout.trim() : undefined;
  },
  stdin: () => readFileSync(0, 'utf8'),
});

const complain = (text: string, json: boolean): void => {
  process.stderr.write(`${json ? JSON.stringify({ error: text }) : text}\n`);
};

/** One after another; the first that is refused ends it. */
const carryOut = async (door: ToolDoor, calls: readonly Call[], json: boolean): Promise<number> => {
  const answers: Printable[] = [];
  let refused: string | undefined;
  for (const one of calls) {
    const answer = await callTool(door, one);
    if (!answer.ok) {
      refused = answer.text;
      break;
    }
    answers.push({ text: answer.text, only: one.only });
  }
  if (answers.length > 0) process.stdout.write(`${json ? printedJson(answers) : answers.map(printed).join('\n\n')}\n`);
  if (refused === undefined) return exits.done;
  complain(refused, json);
  return exits.refused;
};

const main = async ([name = '', ...argv]: readonly string[]): Promise<number> => {
  if (!isProgram(name)) {
    complain('Start this as bd or gt.', false);
    return exits.usage;
  }
  const door = findDoor(process.env[doorVariable]);
  const command = readCommand(name, argv, around(door?.role ?? ''));
  if (command.kind === 'help') {
    process.stdout.write(`${command.text}\n`);
    return exits.done;
  }
  if (command.kind === 'wrong') {
    complain(command.text, command.json);
    return exits.usage;
  }
  if (door === undefined) {
    complain(
      `${name} works in the shell of a town's agent only: there are no tools here (${doorVariable} names none that can be read). Use the gt_ tools of your session.`,
      command.json,
    );
    return exits.refused;
  }
  return carryOut(door, command.calls, command.json);
};

process.exitCode = await main(process.argv.slice(2));
