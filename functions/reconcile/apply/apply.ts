// One action of a plan → the function that performs it.
import type { Action } from '../../domain/plan/action.ts';
import { importIdOf } from '../../operations/foreign-lines.ts';
import type { Applied, PassContext } from '../context.ts';
import { hookRefinery, removeAgent, resumeAgent, startMayor, stopAgent } from './agents.ts';
import { archiveStep } from './archive.ts';
import { closeBreaker, dispatch, dropReady, dropWork, freeSlot, reopenOrphan, restWork, settleReview } from './beads.ts';
import { tellBudget } from './budgets.ts';
import { removeBatch } from './convoy-batch.ts';
import { countConvoy } from './convoys.ts';
import { raiseEscalation, settleEscalation } from './escalations.ts';
import { releaseImport, removeImport } from './imports.ts';
import { endSweep, postponeSweep, sweepBranches } from './branches.ts';
import { loseAgent } from './lose-agent.ts';
import { closeMail, expireMail, expireNudge } from './mail.ts';
import { beatCommand, checkMerge, expireCommand, resendCommand, resendVerdict, retryTarget, startMerge, supersedeMerge } from './merges.ts';
import { settleMolecule } from './molecules.ts';
import { watchPullRequest } from './pull-requests.ts';
import { nudgeAgent, stallAgent } from './quiet.ts';
import { notifyPeople } from './notify.ts';
import { openGate, release } from './release.ts';
import { releaseCrew } from './crew.ts';
import { deleteStep } from './delete.ts';
import { tellChildren } from './family.ts';
import { exhaust, giveUp } from './fail-ready.ts';
import { followRetry } from './follow.ts';
import { checkRuntime, confirmStopped, noteIdle, startRuntime, stopRuntime } from './runtime.ts';
import { enforceStop } from './stop.ts';
import { repairInvariant } from './repair-invariant.ts';
import { removeTown } from './town.ts';
import { timeOut } from './time-out.ts';
import { giveUpTriage, startTriage } from './triage.ts';
import { checkTrain, startTrain, trimTrain } from './trains.ts';

/** Reads again, commits once under conditions, then calls the outside. Throws what an outside call throws: the rules heal it later. */
export const applyAction = (ctx: PassContext, action: Action): Promise<Applied> => {
  switch (action.kind) {
    case 'start-mayor':
      return startMayor(ctx, action);
    case 'hook-refinery':
      return hookRefinery(ctx, action);
    case 'lose-agent':
      return loseAgent(ctx, action);
    case 'stop-agent':
      return stopAgent(ctx, action);
    case 'remove-agent':
      return removeAgent(ctx, action);
    case 'release-crew':
      return releaseCrew(ctx, action);
    case 'resume-agent':
      return resumeAgent(ctx, action);
    case 'nudge-agent':
      return nudgeAgent(ctx, action);
    case 'sweep-branches':
      return sweepBranches(ctx, action);
    case 'postpone-sweep':
      return postponeSweep(ctx, action);
    case 'end-sweep':
      return endSweep(ctx, action);
    case 'start-triage':
      return startTriage(ctx, action);
    case 'give-up-triage':
      return giveUpTriage(ctx, action);
    case 'stall-agent':
      return stallAgent(ctx, action);
    case 'dispatch':
      return dispatch(ctx, action);
    case 'drop-ready':
      return dropReady(ctx, action);
    case 'free-slot':
      return freeSlot(ctx, action);
    case 'exhaust':
      return exhaust(ctx, action);
    case 'give-up':
      return giveUp(ctx, action);
    case 'close-breaker':
    case 'forget-failures':
      return closeBreaker(ctx, action);
    case 'reopen-orphan':
      return reopenOrphan(ctx, action);
    case 'time-out':
      return timeOut(ctx, action);
    case 'settle-review':
      return settleReview(ctx, action);
    case 'release':
      return release(ctx, action);
    case 'open-gate':
      return openGate(ctx, action);
    case 'archive-step':
      return archiveStep(ctx, action);
    case 'delete-step':
      return deleteStep(ctx, action);
    case 'follow-retry':
      return followRetry(ctx, action);
    case 'tell-children':
      return tellChildren(ctx, action);
    case 'rest-work':
      return restWork(ctx, action);
    case 'drop-work':
      return dropWork(ctx, action);
    case 'start-merge':
      return startMerge(ctx, action);
    case 'supersede-merge':
      return supersedeMerge(ctx, action);
    case 'retry-target':
      return retryTarget(ctx, action);
    case 'watch-pull-request':
      return watchPullRequest(ctx, action);
    case 'check-merge':
      return checkMerge(ctx, action);
    case 'check-train':
      return checkTrain(ctx, action);
    case 'resend-verdict':
      return resendVerdict(ctx, action);
    case 'resend-command':
      return resendCommand(ctx, action);
    case 'expire-command':
      return expireCommand(ctx, action);
    case 'beat-command':
      return beatCommand(ctx, action);
    case 'start-train':
      return startTrain(ctx, action);
    case 'trim-train':
      return trimTrain(ctx, action);
    case 'count-convoy':
      return countConvoy(ctx, action);
    case 'remove-batch':
      return importIdOf(action.item.workId) === undefined ? removeBatch(ctx, action) : removeImport(ctx, action);
    case 'release-import':
      return releaseImport(ctx, action);
    case 'start-runtime':
      return startRuntime(ctx, action);
    case 'note-idle':
    case 'note-busy':
      return noteIdle(ctx, action);
    case 'stop-runtime':
      return stopRuntime(ctx, action);
    case 'confirm-stopped':
      return confirmStopped(ctx, action);
    case 'check-runtime':
      return checkRuntime(ctx, action);
    case 'enforce-stop':
      return enforceStop(ctx, action);
    case 'repair-invariant':
      return repairInvariant(ctx, action);
    case 'remove-town':
      return removeTown(ctx, action);
    case 'tell-budget':
      return tellBudget(ctx, action);
    case 'raise-escalation':
      return raiseEscalation(ctx, action);
    case 'settle-escalation':
      return settleEscalation(ctx, action);
    case 'notify-people':
      return notifyPeople(ctx, action);
    case 'close-mail':
      return closeMail(ctx, action);
    case 'expire-mail':
      return expireMail(ctx, action);
    case 'expire-nudge':
      return expireNudge(ctx, action);
    case 'settle-molecule':
      return settleMolecule(ctx, action);
    default:
      return action satisfies never;
  }
};
