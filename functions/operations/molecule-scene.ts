// Reads a molecule with its issue, its step beads and what its gates wait for.
import type { Bead } from '../contracts/bead.schema.ts';
import { isIssue } from '../domain/bead-writes.ts';
import { isMolecule } from '../domain/molecules/molecule.ts';
import type { MoleculeBead } from '../domain/molecules/molecule.ts';
import type { GateFacts } from '../domain/molecules/steps.ts';
import type { IssueBead } from '../domain/prompts/polecat.ts';
import type { Ports } from '../ports.ts';
import { notFound } from '../api/problems.ts';

export interface MoleculeView {
  readonly issue: IssueBead;
  readonly molecule: MoleculeBead;
  readonly stepBeads: readonly Bead[];
  readonly facts: GateFacts;
}

const beadsOf = async (ports: Pick<Ports, 'store'>, townId: string, ids: readonly string[]): Promise<Bead[]> => {
  if (ids.length === 0) return [];
  const read = await ports.store.getMany(
    'bead',
    ids.map((beadId) => ({ townId, beadId })),
  );
  return read.flatMap((bead) => bead ?? []);
};

/** What the gates of open steps are judged by. A bead that is not there any more holds nobody up. */
export const gateFacts = async (ports: Pick<Ports, 'store' | 'clock'>, molecule: MoleculeBead): Promise<GateFacts> => {
  const ids = molecule.details.steps.flatMap(({ state, gate }) => (state === 'open' && gate?.beadId !== undefined ? [gate.beadId] : []));
  const beads = await beadsOf(ports, molecule.townId, [...new Set(ids)]);
  const open = new Set(beads.filter((bead) => bead.status !== 'closed').map((bead) => bead.beadId));
  return { nowMs: ports.clock.nowMs(), closedBeads: new Set(ids.filter((id) => !open.has(id))) };
};

/** The molecule of an issue; undefined when it has none. */
export const moleculeOf = async (ports: Pick<Ports, 'store'>, issue: IssueBead): Promise<MoleculeBead | undefined> => {
  const { moleculeId } = issue.details;
  if (moleculeId === undefined) return undefined;
  const bead = await ports.store.get('bead', { townId: issue.townId, beadId: moleculeId });
  return bead !== undefined && isMolecule(bead) ? bead : undefined;
};

/** The molecule of a bead with everything around it. Throws 404 when the bead has none. */
export const moleculeView = async (ports: Pick<Ports, 'store' | 'clock'>, issue: Bead): Promise<MoleculeView> => {
  const molecule = isIssue(issue) ? await moleculeOf(ports, issue) : undefined;
  if (!isIssue(issue) || molecule === undefined) throw notFound(`${issue.beadId} has no molecule: it is one piece of work without steps.`);
  const stepIds = molecule.details.steps.flatMap(({ beadId }) => beadId ?? []);
  const [stepBeads, facts] = await Promise.all([beadsOf(ports, issue.townId, stepIds), gateFacts(ports, molecule)]);
  return { issue, molecule, stepBeads, facts };
};
