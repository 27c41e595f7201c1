// What people choose from on the board and in its dialogs.
import type { Priority } from '../../../functions/contracts/primitives.schema.ts';
import type { RigView } from '../../../functions/contracts/town.schema.ts';
import type { Choice } from '../parts/select.tsx';
import { statusWord, statuses } from '../words/status.ts';

const priorities: readonly Priority[] = ['low', 'medium', 'high', 'critical'];
export const priorityChoices: readonly Choice[] = priorities.map((value) => ({
  value,
  label: value.charAt(0).toUpperCase() + value.slice(1),
}));
export const priorityOf = (chosen: string): Priority => priorities.find((known) => known === chosen) ?? 'medium';

export const rigChoices = (rigs: readonly RigView[]): readonly Choice[] => rigs.map((rig) => ({ value: rig.rigId, label: rig.name }));
export const statusChoices: readonly Choice[] = [
  { value: '', label: 'All statuses' },
  ...statuses.map((status) => ({ value: status, label: statusWord[status] })),
];
