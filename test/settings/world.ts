// A town in which one scope says something, as rules and operations read it. Everything else is built in.
import { keylessModelRouteSchema } from '../../functions/contracts/model.schema.ts';
import type { Assignment } from '../../functions/contracts/runner.schema.ts';
import { slungSettingsSchema } from '../../functions/contracts/settings.schema.ts';
import type { SettingScope, Settings } from '../../functions/contracts/settings.schema.ts';
import type { Bead } from '../../functions/contracts/bead.schema.ts';
import type { Rig, Town } from '../../functions/contracts/town.schema.ts';
import type { Plan } from '../../functions/domain/plan/action.ts';
import type { SettingsOwners } from '../../functions/domain/settings.ts';
import { desired } from '../../functions/operations/desired.ts';
import { fakePorts } from '../fakes/ports.ts';
import type { FakePorts } from '../fakes/ports.ts';
import * as rules from '../rules/build.ts';
import * as tools from '../tools/town.ts';

export interface Said {
  readonly scope: SettingScope;
  readonly settings: Settings;
  /** What the town says beside, where a setting needs it. */
  readonly beside?: Settings;
}
const at = ({ scope, settings }: Said, wanted: SettingScope): Settings => (scope === wanted ? settings : {});

export const townSaying = (said: Said, base: Town): Town => ({
  ...base,
  config: { 'models.default': { kind: 'scripted' }, ...said.beside, ...at(said, 'town') },
  inherited: { organisation: at(said, 'organisation'), people: { ada: at(said, 'user') } },
});
const rigSaying = (said: Said, base: Rig): Rig => {
  const { gates = [], ...config } = at(said, 'rig');
  return { ...base, gates, config };
};
const slung = (said: Said, wanted: 'bead' | 'convoy') => slungSettingsSchema.parse(at(said, wanted));
const personaId = 'own-way';

/** The owners of one bead of a convoy, for rules that take owners. */
export const ownersSaying = (
  said: Said,
): SettingsOwners & { readonly town: Town; readonly rig: Rig; readonly bead: Bead; readonly convoy: Bead } => {
  const bead = rules.anIssue('web-a001', {}, { convoyId: 'hq-c001', settings: slung(said, 'bead') });
  const convoy = rules.aConvoy('hq-c001', ['web-a001']);
  if (convoy.details.type === 'convoy') convoy.details.settings = slung(said, 'convoy');
  return {
    town: townSaying(said, rules.aTown()),
    rig: rigSaying(said, rules.aRig()),
    bead,
    convoy,
    persona: at(said, 'persona'),
    userId: 'ada',
  };
};

/** A pass over beads that wait for a worker, each as it says. */
export const passSaying = (said: Said, beads: readonly Bead[], more: Parameters<typeof rules.planOf>[0] = {}): Plan => {
  const own = slung(said, 'bead');
  const saying = beads.map((bead) => (bead.details.type === 'issue' ? { ...bead, details: { ...bead.details, settings: own } } : bead));
  const open = saying.filter((bead) => bead.status === 'open');
  return rules.planOf({
    town: townSaying(said, rules.aTown()),
    rigs: [rigSaying(said, rules.aRig())],
    beads: saying,
    ...(open.length === 0 ? {} : rules.queued(open)),
    ...more,
  });
};

/** A stored town with a rig, a worker and a reviewer at work, and the Mayor. */
export const storedSaying = async (said: Said): Promise<FakePorts> => {
  const refinery = tools.anAgent({ agentId: 'refinery-r-rig1', name: 'Refinery', role: 'refinery', hookBeadId: 'lib-mr1' });
  const { hookBeadId: _hook, slot: _slot, ...mayor } = tools.anAgent({ agentId: 'mayor', name: 'Mayor', role: 'mayor' });
  const { gates, 'models.polecat': model } = at(said, 'persona');
  const isWorn = gates !== undefined || model !== undefined;
  const review = { token: 't', tip: tools.sha('c'), refineryId: refinery.agentId, tokenTaken: false };
  return tools.townWith(
    {
      town: townSaying(said, tools.aTown()),
      rigs: [rigSaying(said, tools.aRig())],
      agents: [tools.anAgent(), refinery, mayor],
      beads: [
        tools.anIssue({ settings: slung(said, 'bead'), ...(isWorn ? { personaId } : {}) }),
        tools.aRequest({ review, sourceBeadId: 'lib-other' }, { status: 'in_progress' }),
      ],
      ...(!isWorn
        ? {}
        : {
            more: [
              {
                put: 'persona',
                item: {
                  townId: tools.townId,
                  personaId,
                  name: 'Own Way',
                  overlay: 'Go.',
                  ...(gates === undefined ? {} : { gates: [...gates] }),
                  ...(model === undefined ? {} : { model: keylessModelRouteSchema.parse(model) }),
                  version: 1,
                  createdAt: tools.at,
                  updatedAt: tools.at,
                },
                when: 'none',
              },
            ],
          }),
    },
    fakePorts(),
  );
};

/** What the runner is told about this agent. */
export const assignmentSaying = async (said: Said, role: Assignment['role']): Promise<Assignment> => {
  const { assignments } = await desired(await storedSaying(said), tools.aLease());
  const found = assignments.find((assignment) => assignment.role === role);
  if (found === undefined) throw new Error(`nobody works as ${role}`);
  return found;
};
