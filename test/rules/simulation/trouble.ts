// What goes wrong in a simulated town, how often, and until when: what goes wrong for ever cannot end well.
import type { Random } from './random.ts';

/** How likely each fault is whenever it could happen. */
const chances = {
  hintLost: 0.1,
  hintTwice: 0.1,
  alarmLost: 0.1,
  passKilled: 0.08,
  passTwice: 0.1,
  storeUnavailable: 0.002,
  /** The table was reached and wrote, but the answer was lost. */
  answerLost: 0.002,
  commitConflict: 0.01,
  startFails: 0.15,
  runnerDies: 0.004,
  runnerCutOff: 0.002,
  reportLost: 0.05,
  reportAnswerLost: 0.03,
  outage: 0.004,
  agentExits: 0.03,
  agentStalls: 0.01,
  agentLies: 0.08,
  agentStopsEarly: 0.05,
  agentAsksForHelp: 0.03,
  agentFindsWork: 0.03,
  agentMails: 0.03,
  refinerySilent: 0.02,
  refineryWantsChanges: 0.12,
  triageFails: 0.2,
  mayorFails: 0.1,
  commandFails: 0.1,
  executionDies: 0.01,
  mergeConflict: 0.05,
  branchGone: 0.003,
  gateFlaky: 0.06,
  targetMoved: 0.03,
  tokenLost: 0.05,
} as const;
export type Fault = keyof typeof chances;

export class Trouble {
  readonly counts = new Map<Fault, number>();
  private calm = false;
  private readonly random: Random;
  constructor(random: Random) {
    this.random = random;
  }

  hits(fault: Fault): boolean {
    if (this.calm || !this.random.chance(chances[fault])) return false;
    this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1);
    return true;
  }

  get isOver(): boolean {
    return this.calm;
  }

  end(): void {
    this.calm = true;
  }
}
