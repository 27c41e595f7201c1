// A formula becomes the molecule of an issue: cooked with the issue's own words, kept as a checklist or poured into step beads.
import type { Bead, BeadOf } from '../contracts/bead.schema.ts';
import type { IssueDetails } from '../contracts/issue.schema.ts';
import { cookedStepSchema } from '../contracts/molecule.schema.ts';
import type { MoleculeMode } from '../contracts/molecule.schema.ts';
import { isIssue } from '../domain/bead-writes.ts';
import type { BeadChange } from '../domain/bead-writes.ts';
import { isResolvedBlocker, newEdge } from '../domain/dependencies.ts';
import { edgeWrites } from '../domain/edges.ts';
import type { Checklist } from '../domain/formulas/cook.ts';
import { gateAt, isMolecule, newMolecule } from '../domain/molecules/molecule.ts';
import type { Slinger } from '../domain/sling.ts';
import type { Ports, Write } from '../ports.ts';
import { ProblemError, unprocessable } from '../api/problems.ts';
import { checkAwaited, targetCheck, targetsOf } from './dependency-checks.ts';
import { cookNamed } from './formulas.ts';
import { hiddenSteps } from './hidden-steps.ts';
import { gateFacts } from './molecule-scene.ts';

export interface MoleculeWish {
  readonly formula: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly mode: MoleculeMode;
}
export interface Attached {
  /** The issue with its molecule; the version is the caller's to raise. */
  readonly issue: Bead;
  readonly changes: readonly BeadChange[];
  readonly writes: readonly Write[];
}
const idLength = 5;
/** Items of a transaction that the sling itself needs at most, beside edges of the issue. */
const itemsBeside = 15;
const maxItems = 100;

interface Place {
  readonly prefix: string;
  /** What the issue depends on already. */
  readonly blockers: readonly string[];
  /** Items of the transaction that its edges take. */
  readonly edgeItems?: number;
}

/** Whether the steps fit the transaction of their issue. Throws 422 when what the issue waits for does not. */
const fits = (
  formula: string,
  { edgeItems, blockers }: Pick<Place, 'edgeItems' | 'blockers'>,
  made: { stepBeads: readonly Bead[]; edges: readonly unknown[] },
): boolean => {
  const beside = itemsBeside + (edgeItems ?? 3 * blockers.length);
  if (beside > maxItems)
    throw unprocessable(`${formula} cannot be poured for a bead that depends on so many others; use molecule: "checklist".`, [
      { path: 'body.molecule', message: 'too many blockers to pour' },
    ]);
  return beside + made.stepBeads.length + 2 * made.edges.length <= maxItems;
};

/** An id that nothing has: rule C4 removes what is under the id of an unfinished molecule. */
const freeId = async (ports: Ports, townId: string, prefix: string): Promise<string> => {
  const beadId = `${prefix}-${ports.ids.base36(idLength)}`;
  return (await ports.store.get('bead', { townId, beadId })) === undefined ? beadId : freeId(ports, townId, prefix);
};

/** Beads that gates wait for must be there; the first one in the way becomes a blocker of the issue. */
const atItsGate = async (
  ports: Ports,
  issue: Bead,
  molecule: Bead,
  blockers: readonly string[],
): Promise<Pick<Attached, 'issue' | 'writes'>> => {
  if (!isMolecule(molecule) || !isIssue(issue)) return { issue, writes: [] };
  const { townId, beadId } = issue;
  const ids = [...new Set(molecule.details.steps.flatMap(({ gate }) => gate?.beadId ?? []))];
  const targets = ids.length === 0 ? [] : await targetsOf(ports, townId, { ids, path: 'body.formula' });
  for (const target of targets) checkAwaited(target);
  const gate = gateAt(molecule.details.steps, await gateFacts(ports, molecule));
  if (gate === undefined) return { issue, writes: [] };
  const details: IssueDetails = { ...issue.details, stepGate: gate, ...(gate.until === undefined ? {} : { notBefore: gate.until }) };
  const target = targets.find((bead) => bead.beadId === gate.beadId);
  if (gate.type !== 'bead' || target === undefined || isResolvedBlocker(target) || blockers.includes(target.beadId))
    return { issue: { ...issue, details }, writes: [] };
  const edge = newEdge({ townId, beadId, dependsOnId: target.beadId, type: 'blocks', at: issue.updatedAt });
  return {
    issue: { ...issue, details, openBlockers: issue.openBlockers + 1 },
    writes: [...edgeWrites([edge], [target]), targetCheck(target)],
  };
};

const checklistFor = async (ports: Ports, issue: Bead, wish: MoleculeWish): Promise<Checklist> => {
  const checklist = await cookNamed(ports, {
    townId: issue.townId,
    name: wish.formula,
    variables: wish.variables,
    subject: { title: issue.title, description: issue.body },
    known: { issue: issue.beadId, rig: issue.rigId ?? '' },
  }).catch((error: unknown) => {
    if (error instanceof ProblemError && error.status === 404)
      throw unprocessable(error.parts.detail, [{ path: 'body.formula', message: 'no such formula' }]);
    throw error;
  });
  if (checklist.kind === 'convoy')
    throw unprocessable(`${wish.formula} is a convoy formula: it makes several beads. Pour it instead of slinging one bead with it.`, [
      { path: 'body.formula', message: 'a convoy formula' },
    ]);
  return checklist;
};

const attachSteps = async (
  ports: Ports,
  slinger: Slinger,
  issue: Bead & BeadOf<'issue'>,
  {
    wish,
    checklist,
    prefix,
    blockers,
    edgeItems,
  }: Place & { readonly wish: MoleculeWish; readonly checklist: Pick<Checklist, 'formula' | 'steps'> },
): Promise<Attached> => {
  const moleculeId = await freeId(ports, issue.townId, prefix);
  const made = newMolecule(slinger, { moleculeId, issue }, { checklist, mode: wish.mode, variables: wish.variables });
  const isSmall = made.stepBeads.length === 0 || fits(wish.formula, { blockers, ...(edgeItems === undefined ? {} : { edgeItems }) }, made);
  const gated = await atItsGate(ports, { ...issue, details: { ...issue.details, moleculeId } }, made.molecule, blockers);
  if (!isSmall)
    return { issue: gated.issue, changes: [{ after: made.molecule }], writes: [...gated.writes, await hiddenSteps(ports, made)] };
  return {
    issue: gated.issue,
    changes: [{ after: made.molecule }, ...made.stepBeads.map((after) => ({ after }))],
    writes: [...edgeWrites(made.edges, made.stepBeads), ...gated.writes],
  };
};

/** Throws 422 for an unknown formula, for what cannot be cooked, a convoy formula, or steps that cannot be poured; 409. */
export const attachMolecule = async (
  ports: Ports,
  slinger: Slinger,
  issue: Bead,
  more: Place & { readonly wish: MoleculeWish },
): Promise<Attached> => {
  if (!isIssue(issue)) throw unprocessable(`${issue.beadId} is a ${issue.type.replace('_', ' ')}; only issues have molecules.`);
  return attachSteps(ports, slinger, issue, { ...more, checklist: await checklistFor(ports, issue, more.wish) });
};

/** The steps of an earlier molecule once more, from the beginning: for the successor of a failed bead. */
export const attachAgain = async (
  ports: Ports,
  slinger: Slinger,
  issue: Bead,
  more: Place & { readonly earlierId: string },
): Promise<Attached> => {
  const earlier = await ports.store.get('bead', { townId: issue.townId, beadId: more.earlierId });
  if (earlier === undefined || !isMolecule(earlier) || !isIssue(issue)) return { issue, changes: [], writes: [] };
  const { formula, mode, variables, steps } = earlier.details;
  const checklist = { formula, steps: steps.map((step) => cookedStepSchema.parse(step)) };
  return attachSteps(ports, slinger, issue, { ...more, checklist, wish: { formula, mode, variables } });
};
