// What the agent that repairs a request must know, as text with a limit in bytes. It is quoted as data in the agent's prompt. Pure.
import type { GateResult } from '../../contracts/commit.schema.ts';
import type { Verdict } from '../../contracts/merge-request.schema.ts';
import { limits } from '../../contracts/primitives.schema.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** Cut at a character, with a mark, when it is longer than `maxBytes` of UTF-8. */
export const withinBytes = (text: string, maxBytes: number): string => {
  const bytes = encoder.encode(text);
  if (bytes.length <= maxBytes) return text;
  const mark = '\n… (cut)';
  return `${decoder.decode(bytes.subarray(0, maxBytes - encoder.encode(mark).length - 3)).replace(/\uFFFD+$/, '')}${mark}`;
};

const gateText = (gate: GateResult): string =>
  `Gate "${gate.name}" ${gate.timedOut ? 'ran out of time' : `ended with exit code ${gate.exitCode ?? 'none'}`}:\n${gate.output.trim() || '(no output)'}`;

/** Red gates with their output. */
export const gatesBrief = (gates: readonly GateResult[]): string =>
  withinBytes(
    gates
      .filter((gate) => !gate.ok)
      .map(gateText)
      .join('\n\n'),
    limits.feedbackBytes,
  );
export const redGateNames = (gates: readonly GateResult[]): string =>
  gates
    .filter((gate) => !gate.ok)
    .map((gate) => gate.name)
    .join(', ');

const findingText = ({ path, line, text }: NonNullable<Verdict['comments']>[number]): string =>
  `\n\n${path}${line === undefined ? '' : `:${line}`}: ${text}`;

export const verdictBrief = (verdict: Verdict): string =>
  withinBytes(
    `${verdict.summary}${(verdict.comments ?? []).map(findingText).join('')}${verdict.files.length === 0 ? '' : `\n\nFiles:\n${verdict.files.map((file) => `- ${file}`).join('\n')}`}`,
    limits.feedbackBytes,
  );

export const conflictBrief = (files: readonly string[], targetBranch: string): string =>
  withinBytes(
    `The branch does not merge onto ${targetBranch}. Files in conflict:\n${files.map((file) => `- ${file}`).join('\n')}`,
    limits.feedbackBytes,
  );

/** The event about gates that passed. */
export const gatesGreen = (mergeRequestId: string, gates: number) =>
  ({ type: 'gate_result', new: `${gates} green`, data: { mergeRequestId, gates, result: 'green' } }) as const;
