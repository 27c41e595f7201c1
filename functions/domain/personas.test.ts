// Personas (domain.md): name, overlay, tool limits and gate overrides, chosen per bead; the same agent may wear another next time.
import { describe, expect, it } from 'vitest';
import { tools } from '../contracts/tools.schema.ts';
import { personaInputSchema } from '../contracts/persona.schema.ts';
import { gatesFor } from './gates.ts';
import { builtInPersonas, personaSettings } from './personas.ts';

const gate = (name: string) => ({ name, command: name, timeoutSeconds: 60, phase: 'both' as const });

describe('the built-in personas', () => {
  it('are an architect, a frontend master, a pentester, a test writer and a docs writer', () => {
    expect([...builtInPersonas.values()].map((persona) => persona.name)).toEqual([
      'Backend Architect',
      'Frontend Master',
      'Pentester',
      'Test Writer',
      'Docs Writer',
    ]);
  });
  it.each([...builtInPersonas])('%s fits what a town could store itself', (_id, persona) => {
    expect(personaInputSchema.safeParse(persona).error).toBeUndefined();
  });
  it('lack only tools that there are', () => {
    const lacked = [...builtInPersonas.values()].flatMap((persona) => persona.withoutTools ?? []);
    expect(lacked.filter((name) => !Object.hasOwn(tools, name))).toEqual([]);
  });
});

describe('the gates of a persona', () => {
  it('take the place of those of the rig and the town', () => {
    const owners = { rig: { gates: [gate('rig')] }, town: { config: { gates: [gate('town')] } } };
    const worn = { personaId: 'p', name: 'P', overlay: 'o', gates: [gate('own')] };
    expect(gatesFor('polecat', { ...owners, persona: personaSettings(worn) }).map(({ name }) => name)).toEqual(['own']);
    expect(gatesFor('polecat', { ...owners, persona: personaSettings({ ...worn, gates: [] }) })).toEqual([]);
  });
  it('are those of the rig when it has none of its own', () => {
    const worn = { personaId: 'p', name: 'P', overlay: 'o' };
    expect(gatesFor('merge', { rig: { gates: [gate('rig')] }, persona: personaSettings(worn) }).map(({ name }) => name)).toEqual(['rig']);
  });
});

it.each(['gt_prime', 'gt_done', 'gt_escalate'])('no persona can be without %s', (name) => {
  expect(personaInputSchema.safeParse({ personaId: 'mute', name: 'Mute', overlay: 'Say nothing.', withoutTools: [name] }).success).toBe(
    false,
  );
});
