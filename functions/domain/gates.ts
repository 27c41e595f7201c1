// The gates that work must pass: those of the persona, else of the rig, else of the town. Pure.
import type { Gate } from '../contracts/gate.schema.ts';
import { settingFor } from './settings.ts';
import type { SettingsOwners } from './settings.ts';

/** Gates that run at this moment: in the agent's own hands, or on the merged result. */
export const gatesFor = (phase: 'polecat' | 'merge', owners: SettingsOwners): Gate[] =>
  settingFor('gates', owners).filter((gate) => gate.phase === phase || gate.phase === 'both');
