// Names of prompts. A prompt is put into a session once per id, and a finished turn names the prompt it answers.
import type { Agent } from '../contracts/agent.schema.ts';
import type { MergeRequestBead } from './prompts/refinery.ts';

export const startPromptId = (beadId: string, epoch: number): string => `start-${beadId}-${epoch}`;
export const reviewPromptId = (request: MergeRequestBead, epoch: number): string =>
  `review-${request.beadId}-${request.details.attempt}-${epoch}`;
export const triagePromptId = (epoch: number): string => `triage-${epoch}`;
export const continuePromptId = (beadId: string, epoch: number, number: number): string => `continue-${beadId}-${epoch}-${number}`;
export const mailPromptId = (beadId: string): string => `mail-${beadId}`;

export const nudgePromptId = (nudgeId: string): string => `nudge-${nudgeId}`;

/** Nudge of a prompt; undefined for other prompts. */
export const nudgeOfPrompt = (promptId: string): string | undefined =>
  promptId.startsWith('nudge-') ? promptId.slice('nudge-'.length) : undefined;

/** Bead of a mail prompt; undefined for other prompts. */
export const mailOfPrompt = (promptId: string): string | undefined =>
  promptId.startsWith('mail-') ? promptId.slice('mail-'.length) : undefined;

/** The prompt that a hooked agent is expected to be working on: its first one, or the newest one to go on. */
export const expectedPromptId = (agent: Agent, firstPromptId: string): string =>
  agent.continues === undefined || agent.continues === 0 || agent.hookBeadId === undefined
    ? firstPromptId
    : continuePromptId(agent.hookBeadId, agent.epoch, agent.continues);

/** After so many prompts to go on in one epoch an agent has had its chance; one more is counted for the turn that answered the last. */
export const maxContinues = 4;
/** Its last turn ended as all before: without a result. */
export const isAtItsEnd = (agent: Agent): boolean => (agent.continues ?? 0) > maxContinues;

/** Ids of all prompts to go on that this epoch has had, oldest first. */
export const continuePromptIds = (agent: Agent): string[] => {
  const beadId = agent.hookBeadId;
  if (beadId === undefined) return [];
  return Array.from({ length: Math.min(agent.continues ?? 0, maxContinues) }, (_, index) =>
    continuePromptId(beadId, agent.epoch, index + 1),
  );
};
