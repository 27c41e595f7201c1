// Names that rules give: polecats, refineries, workflow executions. Pure; the same input gives the same name.

const pool = [
  'Toast',
  'Maple',
  'Birch',
  'Shadow',
  'Clover',
  'Ember',
  'Sage',
  'Dusk',
  'Flint',
  'Coral',
  'Slate',
  'Reed',
  'Thorn',
  'Pike',
  'Moss',
  'Wren',
  'Blaze',
  'Gale',
  'Drift',
  'Lark',
] as const;

export interface AgentName {
  readonly agentId: string;
  readonly name: string;
}
const named = (name: string): AgentName => ({ agentId: name.toLowerCase(), name });

/** The first name that no agent of the town has: the pool, then Polecat-21 and up. */
export const freePolecatName = (taken: ReadonlySet<string>): AgentName => {
  for (const name of pool) if (!taken.has(name.toLowerCase())) return named(name);
  for (let number = pool.length + 1; ; number += 1) if (!taken.has(`polecat-${number}`)) return named(`Polecat-${number}`);
};

export const mayorId = 'mayor';
/** Looks after the merges within one convoy, so that those of different convoys do not wait for each other. */
export const convoyRefineryId = (convoyId: string): string => `refinery-${convoyId}`;
export const isConvoyRefinery = (agentId: string): boolean => agentId.startsWith('refinery-hq-');
export const refineryId = (rigId: string): string => `refinery-${rigId}`;

/** FNV-1a, 32 bits: the same number for the same text, everywhere. */
export const hashOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
};
/** 8 hexadecimal digits: tells the targets of one rig apart in a short name. */
export const shortHash = (text: string): string => hashOf(text).toString(16).padStart(8, '0');

/** Step Functions allows 80 characters. */
export const mergeExecutionName = (townId: string, beadId: string, attempt: number): string => `${townId}-mr-${beadId}-${attempt}`;
export const trainExecutionName = (townId: string, rigId: string, targetBranch: string, run: number): string =>
  `${townId}-train-${rigId}-${shortHash(targetBranch)}-${run}`;
export const isTrainExecution = (townId: string, name: string): boolean => name.startsWith(`${townId}-train-`);
export const polecatSlotId = (rigId: string, number: number | ''): string => `${rigId}#${number}`;
export const townSlotId = (number: number | ''): string => `town#${number}`;
