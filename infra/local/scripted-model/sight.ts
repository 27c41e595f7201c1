// What the scripted Mayor looks at before it plans or answers: rigs, beads by status, and the read copy of a rig.
import { z } from 'zod';
import { answered, jsonIn } from './conversation.ts';
import type { Conversation, Step } from './conversation.ts';
import { call } from './decision.ts';
import type { Decision, ToolCall } from './decision.ts';
import type { RepositoryFacts } from './plans.ts';

const rigSchema = z.looseObject({ id: z.string(), name: z.string(), gates: z.array(z.string()).default([]) });
const rigsSchema = z.looseObject({ rigs: z.array(rigSchema) });
const beadSchema = z.looseObject({
  id: z.string(),
  title: z.string(),
  status: z.string(),
  rig_id: z.string().optional(),
  convoy: z.string().optional(),
});
const beadsSchema = z.looseObject({ beads: z.array(beadSchema) });
export type Rig = z.infer<typeof rigSchema>;
export type BeadRow = z.infer<typeof beadSchema>;

export const rigsIn = (step: Step): Rig[] => {
  const parsed = rigsSchema.safeParse(jsonIn(step.result));
  return parsed.success ? parsed.data.rigs : [];
};

const unfinished = ['in_progress', 'in_review', 'open'] as const;
const listings = [...unfinished, 'closed'] as const;
/** The read copy is up to two seconds old, so the last few beads that were closed count as well. */
const inputOf = (status: (typeof listings)[number]) => ({ status, limit: status === 'closed' ? 5 : 50 });
const triesPerList = 5;

const listed = (steps: readonly Step[], status: string): Step | undefined =>
  answered(
    steps.filter((step) => step.input['status'] === status),
    'gt_list_beads',
  );
/** Lists that the town has not answered yet. */
export const missingLists = (talk: Conversation): ToolCall[] =>
  listings
    .filter((status) => listed(talk.steps, status) === undefined)
    .map((status) => ({ tool: 'gt_list_beads', input: inputOf(status) }));
export const listsGivenUp = (talk: Conversation): boolean =>
  listings.some(
    (status) =>
      listed(talk.steps, status) === undefined &&
      talk.steps.filter((step) => step.tool === 'gt_list_beads' && step.input['status'] === status).length >= triesPerList,
  );
/** Beads on the board: unfinished ones, then those merged last. */
export const beadsSeen = (talk: Conversation): BeadRow[] => {
  const rows = listings.flatMap((status) => {
    const parsed = beadsSchema.safeParse(jsonIn(listed(talk.steps, status)?.result));
    return parsed.success ? parsed.data.beads : [];
  });
  // One that moved on between two lists is in both.
  return [...new Map(rows.map((row) => [row.id, row])).values()];
};

const sampleName = 'sample-library';
const lookCommand = `# step: look
for d in */; do d=\${d%/}; echo "rig: $d"
[ -f "$d/package.json" ] && echo "javascript: yes"
grep -q '"type": *"module"' "$d/package.json" 2>/dev/null && echo "modules: yes"
grep -q '"name": *"${sampleName}"' "$d/package.json" 2>/dev/null && echo "sample: yes"
( cd "$d" && for f in .[!.]* * src/* test/* docs/*; do [ -f "$f" ] && echo "file: $f"; done | head -500
  echo "files: $(find . -name .git -prune -o -name node_modules -prune -o -type f -print | wc -l | tr -d ' ')"
  grep -m1 '^/\\*\\*.*\\*/$' src/*.js src/*.mjs /dev/null 2>/dev/null | sed -e 's/^/about: /' | head -50 ); done`;

export interface Look extends Omit<RepositoryFacts, 'underWay'> {
  /** The demo's repository, the only one that the script knows. */
  readonly sample: boolean;
  readonly fileCount: number | undefined;
  /** What the first comment of each file in `src` says. */
  readonly about: ReadonlyMap<string, string>;
}

/** What the look showed of one rig; with nothing to see, its gates tell. */
const lookOf = (step: Step, rig: Rig): Look => {
  const parts = (step.result ?? '').split(/^rig: /m).slice(1);
  const own = parts.find((part) => part.startsWith(rig.id) || part.startsWith(rig.name)) ?? (parts.length === 1 ? parts[0] : undefined);
  if (own === undefined) {
    const javascript = rig.gates.some((gate) => /\b(node|npm)\b/.test(gate));
    return { javascript, modules: false, sample: false, files: new Set(), fileCount: undefined, about: new Map() };
  }
  const count = /^files: (\d+)$/m.exec(own)?.[1];
  return {
    javascript: /^javascript: yes$/m.test(own),
    modules: /^modules: yes$/m.test(own),
    sample: /^sample: yes$/m.test(own),
    files: new Set([...own.matchAll(/^file: (.+)$/gm)].map((match) => match[1] ?? '')),
    fileCount: count === undefined ? undefined : Number(count),
    about: new Map([...own.matchAll(/^about: ([^:\n]+):\/\*\* ?(.*?) ?\*\/$/gm)].map((match) => [match[1] ?? '', match[2] ?? ''])),
  };
};

export interface Sight {
  readonly rig: Rig;
  readonly look: Look;
  /** Beads of this rig. */
  readonly beads: readonly BeadRow[];
}
/** Looks at everything, or says what was seen; undefined while no repository is connected. */
export const sightOf = (talk: Conversation, request: string): Sight | Decision | undefined => {
  const rigList = answered(talk.steps, 'gt_list_rigs');
  if (rigList === undefined) return call('# Looking at the rigs', { tool: 'gt_list_rigs', input: {} });
  const rigs = rigsIn(rigList);
  const rig = rigs.find((each) => request.includes(each.id) || request.toLowerCase().includes(each.name.toLowerCase())) ?? rigs[0];
  if (rig === undefined) return undefined;
  const step = talk.steps.findLast((each) => each.tool === 'bash' && each.result !== undefined);
  const calls = missingLists(talk);
  if (step === undefined) calls.unshift({ tool: 'bash', input: { command: lookCommand, description: 'look at the rigs' } });
  if (step === undefined || calls.length > 0) return call('# Looking at the code and the board', ...calls);
  return { rig, look: lookOf(step, rig), beads: beadsSeen(talk).filter((bead) => bead.rig_id === undefined || bead.rig_id === rig.id) };
};
