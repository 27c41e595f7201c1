// Ids and names that exist at the moment, for the requests to come: mostly of Ada's town, some of Bob's, some of nobody's.
import type { Bead } from '../../../functions/contracts/bead.schema.ts';
import type { Random } from '../../rules/simulation/random.ts';
import { sha } from './world.ts';
import type { World } from './world.ts';
import type { Pool } from './values.ts';

interface Known {
  readonly beads: string[];
  readonly convoys: string[];
  readonly requests: string[];
  readonly escalations: string[];
  readonly molecules: string[];
  readonly formulas: string[];
  readonly personas: string[];
  readonly documents: readonly string[];
  readonly agents: string[];
  readonly rigs: string[];
  readonly steps: string[];
  readonly branches: string[];
  readonly others: string[];
}
const knownOf = async ({ ports: { store } }: World, townId: string): Promise<Known> => {
  const items = await store.passOf(townId);
  const beads = (await store.everyBead(townId, { limit: 1000 })).items;
  const { items: formulas } = await store.formulasOf(townId, { limit: 100 });
  const personas = await store.personasOf(townId);
  const { items: messages } = await store.mayorMessages(townId, 'ada', { limit: 20 });
  const ofType = (type: Bead['type']): string[] => beads.filter((bead) => bead.type === type).map(({ beadId }) => beadId);
  return {
    beads: beads.map(({ beadId }) => beadId),
    convoys: ofType('convoy'),
    requests: [...ofType('merge_request'), ...items.work.flatMap(({ kind, workId }) => (kind === 'triage' ? [workId] : []))],
    escalations: ofType('escalation'),
    // The routes name the issue.
    molecules: beads.flatMap(({ details }) => (details.type === 'molecule' && details.issueId !== undefined ? [details.issueId] : [])),
    formulas: ['shiny', 'code-review', ...formulas.map(({ name }) => name)],
    personas: ['pentester', ...personas.map(({ personaId }) => personaId)],
    agents: items.agents.map(({ agentId }) => agentId),
    rigs: items.rigs.map(({ rigId }) => rigId),
    documents,
    steps: [...new Set(beads.flatMap(({ details }) => (details.type === 'molecule' ? details.steps.map(({ stepId }) => stepId) : [])))],
    branches: [...new Set(beads.flatMap(({ details }) => ('branch' in details && details.branch !== undefined ? [details.branch] : [])))],
    others: [
      ...items.commands.map(({ commandId }) => commandId),
      ...messages.flatMap(({ messageId }) => [messageId, `mayor-${messageId}`]),
      ...items.agents.flatMap(({ agentId }) => [`role:${agentId}`, `agent:${agentId}`]),
      ...items.rigs.map(({ name }) => name),
    ],
  };
};
/** Formulas, and a question to the Mayor. */
const documents = [
  'formula = "mine"\n[[steps]]\nid = "a"\ntitle = "A"\n[[steps]]\nid = "b"\ntitle = "B"\nneeds = ["a"]',
  'formula = "harbour-own"\n[vars.x]\nrequired = true\n[[steps]]\nid = "a"\ntitle = "A {{x}}"',
  'formula = "legs"\ntype = "convoy"\n[[legs]]\nid = "a"\ntitle = "A"\n[[legs]]\nid = "b"\ntitle = "B"',
  '{"formula":"json","steps":[{"id":"a","title":"A"}]}',
  'Please add statistics.',
] as const;
const always = [
  'shiny',
  'code-review',
  'pentester',
  'Harbour Town',
  'main',
  'ada',
  'bob',
  '2026-11-21',
  '2026-11-20',
  '20261121',
  '2026-11-21_01KAJ000000000000000000000',
  'test/sum.test.js',
  'https://git.example.com/a.git',
  'file:///srv/a.git',
  'https://models.example.com/v1',
  'anthropic',
  'claude-sonnet-4-5',
  '****1234',
];

const fieldsOf: readonly (readonly [RegExp, keyof Known])[] = [
  [/^convoy/i, 'convoys'],
  [/^request/i, 'requests'],
  [/^escalation/i, 'escalations'],
  [/^molecule_?id/i, 'molecules'],
  [/^formula/i, 'formulas'],
  [/^persona/i, 'personas'],
  [/^text$/, 'documents'],
  [/agent|assignee|^to$/i, 'agents'],
  [/rig/i, 'rigs'],
  [/step/i, 'steps'],
  [/branch/i, 'branches'],
  [/bead|depends|parent|member|^ids$|order|mail|issue|reply/i, 'beads'],
];
const nobodys: Readonly<Partial<Record<keyof Known, readonly string[]>>> = {
  beads: ['web-zzz9', 'hq-ab12.1'],
  agents: ['nobody', 'mayor', 'triage'],
  rigs: ['r-unknown1'],
  steps: ['a', 'design'],
  branches: ['main', 'gt/toast/web-ab12', 'convoy/x'],
};

export interface FilledPool extends Pool {
  /** Ids of Bob's town that no answer may hold. */
  readonly secretIds: readonly string[];
}
/** `cursors`: of pages that were answered. */
export const filledPool = async (world: World, random: Random, cursors: readonly string[]): Promise<FilledPool> => {
  const own = await knownOf(world, world.townId);
  const other = await knownOf(world, world.otherTownId);
  const every = [...Object.values(own).flat(), ...always, world.townId, ...['a', 'b', 'c', '0'].map(sha), ...cursors];
  const passIds = [...world.kept].flatMap((path) => /^passes\/[^/]+\/(.+)\.json/.exec(path)?.[1]?.replace('/', '_') ?? []).slice(-20);
  const fitting = new Map<string, readonly string[]>();
  const fits = (texts: readonly string[], pattern: string): readonly string[] => {
    const key = `${pattern} ${texts.length} ${texts[0] ?? ''}`;
    const known = fitting.get(key) ?? texts.filter((text) => new RegExp(pattern, 'u').test(text));
    fitting.set(key, known);
    return known;
  };
  return {
    secretIds: [world.otherTownId, ...other.rigs, ...other.beads],
    candidates: (field, pattern) => {
      if (field === 'townId' || field === 'fromTownId') return random.chance(0.95) ? [world.townId] : [world.otherTownId, 't-unknown1'];
      if (field === 'orgId') return random.chance(0.8) ? ['ada'] : ['bob'];
      if (field === 'bootstrapToken') return world.ports.starts.map(({ bootstrapToken }) => bootstrapToken);
      if (field === 'code') return ['good-code', 'bad-code'];
      if (field === 'instanceId') return ['instance-1', 'instance-2'];
      if (field === 'passId') return passIds;
      if (field === 'cursor') return random.chance(0.5) ? cursors : ['x', 'WyJ4IiwieSJd'];
      const kind = fieldsOf.find(([names]) => names.test(field))?.[1];
      const texts =
        kind === undefined
          ? field === 'name' && random.chance(0.5)
            ? own.formulas
            : every
          : random.chance(0.93)
            ? own[kind]
            : random.chance(0.5)
              ? other[kind]
              : [...(nobodys[kind] ?? own.beads), ...always];
      const found = pattern === undefined ? texts : fits(texts, pattern);
      return found.length > 0 || pattern === undefined ? found : fits(every, pattern);
    },
  };
};
