// Tools about personas: what there is to choose from, and what others have published with its results.
import type { z } from 'zod';
import type { PersonaResults } from '../contracts/persona.schema.ts';
import type { tools } from '../contracts/tools.schema.ts';
import { counted } from '../domain/words.ts';
import { agentOf } from '../operations/agent-caller.ts';
import type { AgentIdentity } from '../operations/agent-caller.ts';
import { installPersona } from '../operations/persona-registry.ts';
import { listPersonas } from '../operations/personas.ts';
import { requesterOf } from '../operations/requester.ts';
import type { Ports } from '../ports.ts';
import type { ToolAnswer } from './tool-answer.ts';

type Input<N extends keyof typeof tools> = z.output<(typeof tools)[N]['input']>;
const listed = 50;
const microUsdPerUsd = 1_000_000;
const hundred = 100;

const resultsRow = ({ beads, firstPassRate, beadMicroUsd, models }: PersonaResults): Record<string, unknown> => ({
  beads_done: beads,
  ...(firstPassRate === undefined ? {} : { first_pass_percent: Math.round(firstPassRate * hundred) }),
  ...(beadMicroUsd === undefined ? {} : { usd_per_bead: beadMicroUsd / microUsdPerUsd }),
  ...(models.length === 0 ? {} : { models }),
});

export const personaList = async (ports: Ports, caller: AgentIdentity, input: Input<'gt_persona_list'>): Promise<ToolAnswer> => {
  if (input.registry === true) {
    const { items } = await ports.store.publishedPersonas({ limit: listed });
    return {
      data: {
        personas: items.map(({ personaId, name, version, results }) => ({ id: personaId, name, version, results: resultsRow(results) })),
      },
      sentence: `${counted(items.length, 'persona')} in the registry. gt_persona_install copies one into this town.`,
    };
  }
  const all = await listPersonas(ports, caller.townId);
  return {
    data: { personas: all.map(({ personaId, name, builtIn }) => ({ id: personaId, name, built_in: builtIn })) },
    sentence: `${counted(all.length, 'persona')}. Name one as persona in gt_sling.`,
  };
};

export const personaInstall = async (ports: Ports, caller: AgentIdentity, input: Input<'gt_persona_install'>): Promise<ToolAnswer> => {
  await agentOf(ports, caller);
  const userId = await requesterOf(ports, caller.townId);
  const { personaId, name, installedVersion } = await installPersona(ports, { townId: caller.townId, personaId: input.persona_id, userId });
  return {
    data: { id: personaId, name, version: installedVersion },
    sentence: `${name} can be named as persona ${personaId} in gt_sling now.`,
  };
};
