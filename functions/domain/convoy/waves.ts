// Members of a convoy by level, and whether they can all be merged at all. Pure.
import { findCycle } from '../dependencies.ts';

export interface Node {
  readonly id: string;
  /** Members and others that it waits for. */
  readonly dependsOn: readonly string[];
}

/** Wave 1 waits for no member, each further one only for the waves before it. Members of a circle make the last wave. */
export const wavesOf = (members: readonly Node[]): string[][] => {
  const ids = new Set(members.map((member) => member.id));
  const waves: string[][] = [];
  const placed = new Set<string>();
  let rest = members.map(({ id, dependsOn }) => ({ id, dependsOn: dependsOn.filter((on) => ids.has(on)) }));
  while (rest.length > 0) {
    const free = rest.filter((member) => member.dependsOn.every((on) => placed.has(on)));
    const wave = (free.length > 0 ? free : rest).map((member) => member.id);
    waves.push(wave);
    for (const id of wave) placed.add(id);
    rest = rest.filter((member) => !placed.has(member.id));
  }
  return waves;
};

export interface RigNode extends Node {
  readonly rigId: string;
}
/**
 * A circle that only landing together makes: a member waits for the landing of another rig, which waits for every member of that rig. The names
 * are ids of members and rigs, the first one repeated at the end.
 */
export const landingCycle = (members: readonly RigNode[]): readonly string[] | undefined => {
  const rigs = [...new Set(members.map((member) => member.rigId))];
  if (rigs.length < 2) return undefined;
  const names = [...members.map((member) => member.id), ...rigs];
  const at = new Map(names.map((name, index) => [name, index]));
  const byId = new Map(members.map((member) => [member.id, member]));
  const waits = members.map((member) =>
    member.dependsOn.flatMap((on) => {
      const other = byId.get(on);
      if (other === undefined) return [];
      return at.get(other.rigId === member.rigId ? on : other.rigId) ?? [];
    }),
  );
  const landings = rigs.map((rigId) => members.flatMap((member, index) => (member.rigId === rigId ? [index] : [])));
  return findCycle([...waits, ...landings])?.map((index) => names[index] ?? '');
};
