// How long a town keeps its history. Pure.
import type { Town } from '../contracts/town.schema.ts';
import { settingFor } from './settings.ts';

const dayMs = 86_400_000;
export interface Retention {
  /** In days. */
  readonly events: number;
  readonly transcripts: number;
}
export const retentionOf = (town: Pick<Town, 'config' | 'inherited'> | undefined): Retention => ({
  events: settingFor('retention.eventsDays', { town }),
  transcripts: settingFor('retention.transcriptsDays', { town }),
});
/** When something goes that was written at an ISO time. */
export const deleteAfter = (at: string, days: number): number => Math.ceil((Date.parse(at) + days * dayMs) / 1000);
/** Everything before this time may go. */
export const keptSinceMs = (nowMs: number, days: number): number => nowMs - days * dayMs;
