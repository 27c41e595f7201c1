// What the person waits for while the Mayor has not answered, step by step. Pure.
import type { RouteResponse } from '../../../functions/contracts/routes.ts';

type Message = Pick<RouteResponse<'mayorMessages'>['items'][number], 'role' | 'state' | 'at'>;
type Snapshot = Pick<RouteResponse<'snapshot'>, 'runtime' | 'agents'>;

/**
 * What the Mayor said of itself before this time belongs to earlier work: when the oldest unanswered message was sent, or the newest
 * answer was given after that. Undefined when nothing waits for an answer. Messages come oldest first.
 */
export const waitingSince = (messages: readonly Message[]): string | undefined => {
  const waiting = messages.find(({ role, state }) => role === 'user' && (state === 'queued' || state === 'working'));
  const answer = messages.findLast(({ role }) => role === 'mayor');
  if (waiting === undefined || answer === undefined) return waiting?.at;
  return answer.at > waiting.at ? answer.at : waiting.at;
};

/** `sinceIso` as `waitingSince` gives it. */
export const mayorStep = (snapshot: Snapshot, sinceIso: string): string => {
  switch (snapshot.runtime?.state) {
    case 'live':
      break;
    case 'draining':
    case 'stopping':
      return "The town's machine is going to sleep; it starts again right after…";
    case 'absent':
    case 'starting':
    case undefined:
    default:
      return "Starting the town's machine…";
  }
  const mayor = snapshot.agents.find(({ agent }) => agent.role === 'mayor')?.agent;
  switch (mayor?.state) {
    case 'working':
    case 'waiting':
      return mayor.statusLine !== undefined && mayor.statusLine.at >= sinceIso ? mayor.statusLine.text : 'The Mayor is thinking…';
    case 'stalled':
      return 'The Mayor has been quiet for a while; the town looks after it…';
    case 'starting':
    case 'idle':
    case 'stopping':
    case 'parked':
    case 'gone':
    case undefined:
    default:
      return 'Starting the Mayor…';
  }
};
