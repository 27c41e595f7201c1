// A runner that the control plane has not answered for too long may have been replaced: its agents stand still. Their next thought waits
// here until there is an answer again, or the runner gives up.

export interface Reach {
  readonly lastAnswerAtMs: () => number;
  readonly nowMs: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
}
const lookAgainMs = 250;

export const whileFrozen = async ({ lastAnswerAtMs, nowMs, sleep }: Reach, leaseLostMs: number): Promise<void> => {
  while (nowMs() - lastAnswerAtMs() > leaseLostMs) await sleep(lookAgainMs);
};
