// Which prompts go into a session now, and which of them as one message. Pure.
import type { Prompt } from '../../../functions/contracts/runner.schema.ts';

/**
 * `immediate` goes in while a turn runs: opencode takes it up before the next model call of that turn. `queue` never goes in by itself.
 * A person's next message waits for the answer to the one before.
 */
export const goesInNow = ({ mode, threadUserId }: Pick<Prompt, 'mode' | 'threadUserId'>, busy: boolean): boolean => {
  if (mode === 'queue') return false;
  return !busy || (mode !== 'wait-idle' && threadUserId === undefined);
};

/** The prompts that go in with this one, itself among them: those of its own mode, and what was queued for the next prompt. */
export const goingWith = (prompt: Prompt, waiting: readonly Prompt[]): Prompt[] => {
  const queued = waiting.filter(({ mode }) => mode === 'queue');
  const same = prompt.mode === undefined ? [prompt] : waiting.filter(({ mode }) => mode === prompt.mode);
  return [...same, ...queued];
};
