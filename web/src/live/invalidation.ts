// Turns hints into reads: which routes a topic makes stale, coalesced so that a burst of hints costs one read each.
import type { RouteId } from '../../../functions/contracts/routes.ts';

const routesByTopic: Readonly<Record<string, readonly RouteId[]>> = {
  feed: ['beadEvents', 'agentEvents'],
  beads: ['listBeads', 'getBead', 'getMolecule', 'beadExplain', 'beadCommits', 'snapshot', 'getConvoy', 'listMerges'],
  agents: ['listAgents', 'getAgent', 'snapshot'],
  convoys: ['listConvoys', 'getConvoy', 'snapshot'],
  merges: ['listMerges', 'getBead', 'beadCommits'],
  mayor: ['mayorMessages'],
  town: ['getTown', 'getConfig', 'listRigs', 'getRig', 'listTowns', 'snapshot'],
};
/** The feed's hint names a town or rig whose own item changed; that makes `town` stale. */
export const isTownOrRig = (id: string): boolean => /^[tr]-[a-z0-9]+$/.test(id);

/** Routes that a changed topic makes stale; `agent:<id>` is a session. */
export const staleRoutes = (topic: string): readonly RouteId[] =>
  topic.startsWith('agent:') ? ['agentSession'] : (routesByTopic[topic] ?? []);

/** Short enough to feel live, long enough to gather one transaction's hints. */
const gatherMs = 80;
/** Between two rounds of reads, so that a busy town does not read without pause. */
const pauseMs = 250;

export interface Invalidator {
  readonly add: (topic: string) => void;
  readonly close: () => void;
}

/** `refresh` resolves when the reads are done; hints that come meanwhile make one further round, and none is dropped. */
export const createInvalidator = (refresh: (topics: ReadonlySet<string>) => Promise<void>): Invalidator => {
  let waiting = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isReading = false;
  let isClosed = false;
  const schedule = (afterMs: number): void => {
    if (timer === undefined && !isReading && !isClosed)
      timer = setTimeout(() => {
        void flush();
      }, afterMs);
  };
  const flush = async (): Promise<void> => {
    timer = undefined;
    const topics = waiting;
    waiting = new Set();
    isReading = true;
    try {
      await refresh(topics);
    } catch {
      // What is shown stays; the next hint or reconnect reads again.
    } finally {
      isReading = false;
      if (waiting.size > 0) schedule(pauseMs);
    }
  };
  return {
    add: (topic) => {
      waiting.add(topic);
      schedule(gatherMs);
    },
    close: () => {
      isClosed = true;
      clearTimeout(timer);
    },
  };
};
