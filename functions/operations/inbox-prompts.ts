// Mail and nudges of an agent as prompts for its session.
import type { Agent } from '../contracts/agent.schema.ts';
import type { Prompt } from '../contracts/runner.schema.ts';
import { inboxDigest, isUnread, pushedMail, restSentence } from '../domain/inbox.ts';
import { nudgesFor } from '../domain/nudges.ts';
import { mailPromptId, nudgePromptId } from '../domain/prompt-ids.ts';
import { mailPrompt, nudgePrompt } from '../domain/prompts/mayor.ts';
import type { TownScene } from './town-scene.ts';

/** Undelivered mail, oldest first, no more than one prompt may hold; the last one says how much is left. */
export const mailPrompts = (scene: TownScene, agent: Agent): Prompt[] => {
  const unread = pushedMail([...scene.beads.values()].filter(isUnread), agent, scene.agents);
  const { shown, left } = inboxDigest(unread);
  return shown.map((mail, index) => {
    const text = mailPrompt({ beadId: mail.beadId, from: mail.details.from, subject: mail.title, body: mail.body });
    const isLast = index === shown.length - 1;
    return {
      promptId: mailPromptId(mail.beadId),
      ...(agent.role === 'mayor' ? { threadUserId: mail.requestedBy } : {}),
      mode: agent.role === 'mayor' ? 'wait-idle' : 'immediate',
      text: isLast && left > 0 ? `${text}\n\n${restSentence(left)}` : text,
    } as const;
  });
};

export const nudgePrompts = (scene: TownScene, agent: Agent): Prompt[] =>
  nudgesFor(scene.work, agent, scene.nowMs).map((nudge) => ({
    promptId: nudgePromptId(nudge.nudgeId),
    mode: nudge.mode,
    text: nudgePrompt(nudge),
  }));
