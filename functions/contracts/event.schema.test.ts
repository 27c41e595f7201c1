// Events are kept for good: a type that was ever written must stay in the schema under its name.
import { expect, it } from 'vitest';
import { eventTypeSchema } from './event.schema.ts';

/** Only ever gets longer. */
const written =
  `created fields_updated status_changed assigned hooked unhooked dependency_added dependency_removed dispatched dispatch_failed
  agent_started agent_exited agent_status done review_submitted review_completed rework_requested gate_result pr_created pr_feedback
  pr_conflict merged merge_failed mail_sent mail_delivered nudge_queued nudge_delivered nudge_expired escalated acknowledged re_escalated
  notification_failed triage_requested triage_resolved convoy_started convoy_progress convoy_landed molecule_advanced budget_warned
  budget_stopped archived unarchived deleted comment wasteland_synced town_created town_stopped town_resumed rig_connected
  config_changed invariant_violated runtime_started runtime_stopped mayor_message branches_removed`.split(/\s+/);

it('a type that was ever written stays readable', () => {
  const readable: readonly string[] = eventTypeSchema.options;
  expect(written.filter((type) => !readable.includes(type))).toEqual([]);
  expect(
    readable.filter((type) => !written.includes(type)),
    'add new types to the list above',
  ).toEqual([]);
});
