// Titles that a request is about to sling, until the board shows them: two people's conversations go on at the same time.

/** Longer than a sling takes with its repetitions, short enough that a failed one is soon forgotten. */
const heldMs = 60_000;

export interface Claims {
  /** Titles that other requests are slinging in this rig just now. */
  others(rigId: string, request: string): ReadonlySet<string>;
  hold(rigId: string, request: string, titles: readonly string[]): void;
}

export const createClaims = (nowMs: () => number): Claims => {
  let held: readonly { readonly rigId: string; readonly request: string; readonly title: string; readonly untilMs: number }[] = [];
  return {
    others: (rigId, request) =>
      new Set(held.filter((each) => each.rigId === rigId && each.request !== request && each.untilMs > nowMs()).map((each) => each.title)),
    hold: (rigId, request, titles) => {
      const kept = held.filter((each) => each.untilMs > nowMs() && !(each.rigId === rigId && each.request === request));
      held = [...kept, ...titles.map((title) => ({ rigId, request, title, untilMs: nowMs() + heldMs }))];
    },
  };
};
