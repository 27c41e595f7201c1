// Everything a pass can do, as values. An action names its subject and what was read; applying it reads again and gives way when that no longer holds.
import type { Standing } from '../spending/budgets.ts';
import type { WorkItem } from '../../contracts/work.schema.ts';
import type { InvariantNumber, Violation } from '../invariants.ts';

/** One member per kind. `subject` is the id of what it is about, `sentence` is for people. */
type Act<R extends string, K extends string> = K extends string
  ? { readonly rule: R; readonly kind: K; readonly subject: string; readonly sentence: string }
  : never;

/** What broke when an agent was lost. `own`: the bead or its agent; everything else consumes no dispatch attempt. */
export type Blame = 'own' | 'infrastructure' | 'model' | 'git' | 'capacity' | 'budget';

export type AgentAction =
  | Act<'A0', 'start-mayor'>
  | (Act<'A0', 'hook-refinery'> & { readonly agentId: string; readonly rigId: string; readonly mergeRequestId: string })
  | (Act<'A1' | 'A2' | 'A5', 'lose-agent'> & {
      readonly agentId: string;
      readonly epoch: number;
      readonly blame: Blame;
      readonly reason: string;
      /** T1: work that was not committed, in files. */ readonly dirtyFiles?: number;
    })
  | (Act<'A5', 'nudge-agent'> & { readonly agentId: string; readonly epoch: number; readonly tier: 'nudge' | 'triage' })
  | (Act<'A5', 'stall-agent'> & { readonly agentId: string; readonly epoch: number })
  | (Act<'T2', 'start-triage'> & { readonly requests: readonly WorkItem[] })
  | (Act<'T2', 'give-up-triage'> & { readonly item: WorkItem })
  | (Act<'A7', 'release-crew'> & { readonly agentId: string; readonly epoch: number })
  | (Act<'A6', 'remove-agent'> & { readonly agentId: string; readonly epoch: number })
  | (Act<'A0', 'resume-agent'> & { readonly agentId: string; readonly epoch: number })
  | (Act<'A0' | 'A3' | 'A4' | 'T2', 'stop-agent'> & { readonly agentId: string; readonly epoch: number });

export interface Claim {
  readonly slotId: string;
  /** Absent when all places of rigs together are within the town's limit. */ readonly townSlotId?: string;
  /** Holder of a town slot whose claim has ended; absent when nobody ever claimed it. */ readonly townSlotWas?: string;
}
export type BeadAction =
  | (Act<'B1', 'dispatch'> & {
      readonly beadId: string;
      readonly rigId: string;
      readonly agentId: string;
      readonly agentName: string;
      readonly claim: Claim;
      /** Open breakers that this dispatch tries. */ readonly probes?: readonly WorkItem[];
      /** Its convoy is worked by one agent; what was given out of it before. */ readonly series?: {
        readonly afterBeadId?: string | undefined;
      };
    })
  | (Act<'B1', 'drop-ready'> & { readonly rigId: string; readonly queue: string; readonly order: string; readonly beadId: string })
  | (Act<'B1', 'free-slot'> & { readonly slotId: string })
  | (Act<'B2', 'exhaust'> & { readonly beadId: string })
  | (Act<'B3', 'close-breaker'> & { readonly item: WorkItem })
  | (Act<'B4', 'reopen-orphan'> & { readonly beadId: string })
  | (Act<'B3', 'forget-failures'> & { readonly item: WorkItem })
  | (Act<'B6', 'time-out'> & { readonly beadId: string; readonly agentId: string; readonly epoch: number })
  | (Act<'B5', 'settle-review'> & { readonly beadId: string })
  | (Act<'B8', 'release'> & { readonly item: WorkItem; /** H4: its rig has branches to look at. */ readonly sweepRigId?: string })
  | (Act<'B8', 'open-gate' | 'tell-children'> & { readonly item: WorkItem })
  | (Act<'B9', 'follow-retry'> & { readonly item: WorkItem })
  | (Act<'B10', 'archive-step'> & { readonly item: WorkItem })
  | (Act<'B11', 'delete-step'> & { readonly item: WorkItem })
  | (Act<'B12', 'give-up'> & { readonly beadId: string })
  | (Act<'W1', 'drop-work'> & { readonly item: WorkItem })
  | (Act<'W2', 'rest-work'> & { readonly item: WorkItem; readonly untilMs: number });

export type MergeAction =
  | (Act<'M1', 'start-merge'> & { readonly beadId: string })
  | (Act<'M1', 'supersede-merge'> & { readonly beadId: string; readonly why: string })
  | (Act<'M1', 'retry-target'> & { readonly beadId: string })
  | (Act<'M2', 'check-merge'> & { readonly beadId: string })
  | (Act<'M2', 'check-train'> & { readonly rigId: string; readonly targetBranch: string })
  | (Act<'M4', 'resend-verdict'> & { readonly beadId: string })
  | (Act<'M4', 'resend-command' | 'expire-command' | 'beat-command'> & { readonly commandId: string })
  | (Act<'M6', 'watch-pull-request'> & { readonly beadId: string; /** What counts failures of its host. */ readonly breaker?: WorkItem })
  | (Act<'M5', 'start-train'> & { readonly rigId: string; readonly targetBranch: string; readonly mergeRequestId: string })
  | (Act<'M5', 'trim-train'> & { readonly rigId: string; readonly targetBranch: string; readonly mergeRequestId: string });

export type ConvoyAction =
  | (Act<'C1', 'count-convoy'> & { readonly item: WorkItem })
  | (Act<'C4', 'remove-batch' | 'release-import'> & { readonly item: WorkItem });

/** G1: a molecule follows its issue and its step beads, and they follow it. */
export type MoleculeAction = Act<'G1', 'settle-molecule'> & { readonly item: WorkItem };

export type RuntimeAction =
  | Act<'S1', 'enforce-stop'>
  | Act<'R1', 'start-runtime'>
  | Act<'R2', 'note-idle' | 'note-busy' | 'confirm-stopped'>
  | (Act<'R2', 'stop-runtime'> & { readonly why: 'idle' | 'hours' })
  | Act<'R5', 'check-runtime'>
  | Act<'R4', 'remove-town'>;

export type BudgetAction = Act<'B7', 'tell-budget'> & {
  readonly standing: Standing;
  /** Where it is noted that it was said. */ readonly item: { readonly kind: 'spend' | 'budget'; readonly workId: string };
};

export type HousekeepingAction = Act<'H4', 'sweep-branches' | 'postpone-sweep' | 'end-sweep'> & { readonly item: WorkItem };
export type RepairAction = Act<`I${InvariantNumber}`, 'repair-invariant'> & { readonly violation: Violation };

export type MailAction =
  | (Act<'H1', 'close-mail'> & { readonly beadId: string })
  | (Act<'H3', 'expire-mail'> & { readonly beadId: string })
  | (Act<'H3', 'expire-nudge'> & { readonly item: WorkItem });

export type EscalationAction =
  | (Act<'H2', 'raise-escalation' | 'notify-people'> & { readonly item: WorkItem })
  | (Act<'H2', 'settle-escalation'> & { readonly item: WorkItem; readonly why: string });

export type Action =
  | AgentAction
  | BeadAction
  | MergeAction
  | ConvoyAction
  | MoleculeAction
  | RuntimeAction
  | BudgetAction
  | MailAction
  | HousekeepingAction
  | EscalationAction
  | RepairAction;
export type ActionOf<K extends Action['kind']> = Extract<Action, { kind: K }>;

export interface Plan {
  readonly actions: readonly Action[];
  /** When to look again although nothing happens; absent when nothing waits for time. */
  readonly wakeAtMs?: number;
  /** Nobody was judged lost because passes had paused; set on the alarm so that the next pass waits too. */
  readonly judgeAfterMs?: number;
}

/** What one rule family found. */
export interface Findings {
  readonly actions: readonly Action[];
  /** Times at which something of this family becomes due. */
  readonly waits: readonly number[];
}
/** Collects findings; rules are functions that fill one. */
export const findings = (): { readonly actions: Action[]; readonly waits: number[] } => ({ actions: [], waits: [] });
