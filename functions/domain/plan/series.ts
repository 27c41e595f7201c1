// `series: single-agent`: one agent works the beads of such a convoy, one after another; the next starts when the one before is over. Pure.
import { isConvoy } from '../bead-writes.ts';
import { isFinal } from '../transition.ts';
import type { View } from './view.ts';

export interface Series {
  /** Something of this convoy is being worked on or reviewed, or was given out in this pass. */
  readonly isBusy: (queue: string) => boolean;
  readonly begin: (queue: string) => void;
  /** The convoy is worked by one agent; who that is for a rig, once it is known. */
  readonly of: (
    queue: string,
    rigId: string,
  ) => { readonly agentId?: string | undefined; readonly afterBeadId?: string | undefined } | undefined;
  /** Agents that are kept for their series: other work takes them only when it is about what they did. */
  readonly kept: ReadonlySet<string>;
}

export const seriesIn = (view: View): Series => {
  const flights = view.work('flight').flatMap(({ workId }) => view.issue(workId) ?? []);
  const running = flights.filter((bead) => bead.status === 'in_progress' || bead.status === 'in_review');
  const busy = new Set(running.flatMap((bead) => bead.details.convoyId ?? []));
  const convoyOf = (queue: string) => {
    const convoy = view.bead(queue);
    return convoy !== undefined && isConvoy(convoy) && convoy.details.series === 'single-agent' && !isFinal(convoy.status)
      ? convoy
      : undefined;
  };
  const waiting = view.snapshot.ready.flatMap(({ queue }) => convoyOf(queue)?.details.serial?.agents ?? []);
  return {
    isBusy: (queue) => busy.has(queue),
    begin: (queue) => void busy.add(queue),
    of: (queue, rigId) => {
      const convoy = convoyOf(queue);
      if (convoy === undefined) return undefined;
      const { serial } = convoy.details;
      return { agentId: serial?.agents.find((each) => each.rigId === rigId)?.agentId, afterBeadId: serial?.beadId };
    },
    kept: new Set([
      ...waiting.map(({ agentId }) => agentId),
      ...running.flatMap((bead) => (bead.details.chain?.series === true ? (bead.assigneeAgentId ?? []) : [])),
    ]),
  };
};
