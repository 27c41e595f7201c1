// Beads JSONL files for tests: every field of the format, keys that nobody knows, and ids of all shapes.
import * as fc from 'fast-check';

const time = fc
  .tuple(
    fc.date({ min: new Date('2025-01-01'), max: new Date('2026-10-01'), noInvalidDate: true }),
    fc.constantFrom('Z', '.123456789Z', '-08:00'),
  )
  .map(([date, zone]) => `${date.toISOString().slice(0, 19)}${zone}`);
const word = fc.stringMatching(/^[a-z]{1,12}$/);
const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const prose = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.constantFrom('', 'Zeile\nzwei', 'a\u0000b', '"quoted" \\ ü 🌱'));
const comment = fc.record({ id: fc.nat(), issue_id: word, author: word, text: prose, created_at: time });

/** `id` is given, so that ids in a file differ. */
const recordOf = (id: string, others: readonly string[]): fc.Arbitrary<object> =>
  fc
    .record({
      title: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 80 }),
      description: optional(prose),
      design: optional(prose),
      acceptance_criteria: optional(prose),
      notes: optional(prose),
      status: fc.constantFrom('open', 'in_progress', 'blocked', 'deferred', 'closed', 'tombstone', 'pinned', 'hooked', 'waiting-for-legal'),
      priority: fc.integer({ min: 0, max: 4 }),
      issue_type: fc.constantFrom('task', 'bug', 'feature', 'epic', 'chore', 'message', 'merge-request', 'gate', 'agent', 'spike'),
      assignee: optional(word),
      owner: optional(word),
      estimated_minutes: optional(fc.nat({ max: 10_000 })),
      created_at: time,
      created_by: optional(word),
      updated_at: time,
      closed_at: optional(time),
      close_reason: optional(prose),
      external_ref: optional(fc.constantFrom('gh-9', 'jira-ABC', null)),
      due_at: optional(time),
      defer_until: optional(time),
      compaction_level: optional(fc.nat({ max: 3 })),
      labels: optional(fc.array(fc.oneof(word, fc.constantFrom('gt:sneaky', 'x'.repeat(100), '')), { maxLength: 4 })),
      dependencies: optional(
        fc.array(
          fc.record({
            issue_id: fc.constant(id),
            depends_on_id: others.length === 0 ? fc.constant('external:other:thing') : fc.constantFrom(...others, 'external:other:thing'),
            type: fc.constantFrom('blocks', 'related', 'parent-child', 'discovered-from', 'conditional-blocks', 'odd type', 'a#b'),
            created_at: time,
            created_by: word,
            metadata: fc.constant('{}'),
            thread_id: optional(word),
          }),
          { maxLength: 3 },
        ),
      ),
      comments: optional(fc.array(comment, { maxLength: 2 })),
      deleted_at: optional(time),
      pinned: optional(fc.boolean()),
      is_template: optional(fc.boolean()),
      bonded_from: optional(fc.constant([{ source_id: 'bd-1', bond_type: 'parallel' }])),
      await_type: optional(fc.constantFrom('gh:run', 'timer', 'human')),
      timeout: optional(fc.constantFrom(1_800_000_000_000)),
      waiters: optional(fc.array(word, { maxLength: 2 })),
      hook_bead: optional(word),
      role_type: optional(fc.constantFrom('polecat', 'witness')),
      mol_type: optional(fc.constantFrom('swarm', 'work')),
      payload: optional(fc.constant('{"a":1}')),
      'x-unknown': optional(fc.jsonValue({ maxDepth: 2 })),
      gastown: optional(fc.constantFrom(null, { kind: 'no-code' }, { strange: [1, 2] }, { metadata: { Ticket: 'A-1' } })),
    })
    .map((record) => JSON.parse(JSON.stringify({ id, ...record })));

const idShapes = ['bd-%', 'myproject-%', 'BD-%', 'web-a0%', 'bd-a1b2.%', 'x_%'];
const idAt = (index: number): string => (idShapes[index % idShapes.length] ?? 'bd-%').replace('%', String(index));

const shapes = 400;
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** A file of `count` records; each may name earlier ones, so that nothing waits in a circle. Beyond the first 400 their shapes come again. */
export const linesOfFile = (count: number, seed: number): string[] => {
  const samples = fc.sample(recordOf('ID', ['ONE', 'OTHER']), { seed, numRuns: Math.min(count, shapes) });
  return Array.from({ length: count }, (_, index) => {
    const names: Readonly<Record<string, string>> = {
      ID: idAt(index),
      ONE: index === 0 ? 'external:other:thing' : idAt(Math.floor(index / 2)),
      OTHER: index === 0 ? 'external:other:thing' : idAt(index - 1),
    };
    const named = (key: string, value: unknown): unknown =>
      ['id', 'issue_id', 'depends_on_id'].includes(key) && typeof value === 'string' ? (names[value] ?? value) : value;
    const sample = samples[index % samples.length];
    return JSON.stringify(isRecord(sample) ? { ...sample, serial: index } : {}, named);
  });
};
