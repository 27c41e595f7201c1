// The gates fail on the target itself: nobody's change is to blame. One bug bead per target commit, which every such request waits for. Pure.
import type { Bead } from '../../contracts/bead.schema.ts';
import type { GateResult } from '../../contracts/commit.schema.ts';
import type { Write } from '../../ports.ts';
import type { BeadChange } from '../bead-writes.ts';
import { newEdge } from '../dependencies.ts';
import { edgeWrites } from '../edges.ts';
import { newBead } from '../new-bead.ts';
import { isFinal } from '../transition.ts';
import { gatesBrief, redGateNames } from './brief.ts';
import { openedAs } from './leave.ts';
import type { Decided, MergeScene } from './repair.ts';

/** The same id for the same commit: whoever finds the target red first makes the bead, the others wait for it too. */
export const targetBugId = (prefix: string, targetSha: string): string => `${prefix}-red${targetSha.slice(0, 8)}`;

const bugBead = (scene: MergeScene, targetSha: string, gates: readonly GateResult[]): Bead => {
  const { request, rig, actor, at } = scene;
  const { targetBranch } = request.details;
  return newBead(
    {
      townId: request.townId,
      beadId: targetBugId(rig.prefix, targetSha),
      title: `Gates fail on ${targetBranch} itself: ${redGateNames(gates)}`.slice(0, 500),
      requestedBy: request.requestedBy,
      createdBy: actor,
      at,
      details: { type: 'issue', issueType: 'bug', kind: 'work', targetBranch, brief: gatesBrief(gates), commits: [] },
    },
    {
      rigId: rig.rigId,
      priority: 'critical',
      labels: ['gt:target-red'],
      awaited: true,
      body: `The gates are red on ${targetBranch} at ${targetSha}, without any change of ours. Nothing can be merged into ${targetBranch} until they are green again.\n\n${gatesBrief(gates)}`,
    },
  );
};

const mailToMayor = (scene: MergeScene, bug: Bead, message: string): BeadChange => ({
  after: newBead(
    {
      townId: scene.request.townId,
      beadId: `hq-${scene.freshIds.mail}`,
      title: bug.title,
      requestedBy: scene.request.requestedBy,
      createdBy: scene.actor,
      at: scene.at,
      details: { type: 'message', from: scene.actor, to: 'role:mayor', threadId: bug.beadId },
    },
    { body: `${message} Bead ${bug.beadId} repairs it; merges into this branch wait for it.`, parentId: bug.beadId },
  ),
});

/** An edge to a bead that closes at this moment would never be resolved. */
const unchanged = (known: Bead | undefined): Write[] =>
  known === undefined
    ? []
    : [{ check: 'bead', key: { townId: known.townId, beadId: known.beadId }, when: { equals: { version: known.version } } }];

/** `known` is the bug bead of this commit, if somebody made it before. A repaired or given-up one blocks nothing: the request is tried again later. */
export const waitsForTarget = (scene: MergeScene, targetSha: string, gates: readonly GateResult[], known: Bead | undefined): Decided => {
  const { request, at } = scene;
  const message = `The gates (${redGateNames(gates)}) fail on ${request.details.targetBranch} at ${targetSha.slice(0, 8)} without this change.`;
  const opened = openedAs(request, 'target_red', { result: 'target_red', message, at });
  const bug = known ?? bugBead(scene, targetSha, gates);
  const blocks = !isFinal(bug.status) && bug.beadId !== request.details.sourceBeadId;
  return {
    changes: [
      { before: request, after: blocks ? { ...opened, openBlockers: request.openBlockers + 1 } : opened },
      ...(known === undefined ? [{ after: bug }, mailToMayor(scene, bug, message)] : []),
    ],
    more: blocks
      ? [
          ...edgeWrites([newEdge({ townId: request.townId, beadId: request.beadId, dependsOnId: bug.beadId, type: 'blocks', at })], [bug]),
          ...unchanged(known),
        ]
      : [],
    event: {
      type: 'gate_result',
      new: message.slice(0, 2000),
      data: { mergeRequestId: request.beadId, result: 'target_red', bugBeadId: bug.beadId, targetSha },
    },
  };
};
