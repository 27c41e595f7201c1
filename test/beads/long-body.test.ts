// A body that is too long for its item: in Files, whole, and never half.
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { limits } from '../../functions/contracts/primitives.schema.ts';
import { removeOrphans } from '../../functions/operations/orphan-files.ts';
import type { Ports } from '../../functions/ports.ts';
import { callTool } from '../../functions/tools/tool-set.ts';
import { bodyOf } from '../api/call.ts';
import { updateBead } from '../../functions/operations/bead-fields.ts';
import { fakePorts } from '../fakes/ports.ts';
import { anAgent, anIssue, identity, townId, townWith } from '../tools/town.ts';
import { beadTown } from './bead-town.ts';
import type { BeadTown } from './bead-town.ts';

const pageSchema = z.object({ body: z.string(), body_next: z.int().optional() });
const dayMs = 86_400_000;
const longText = (mark: string): string => `${mark}: ${'Lines of a log, with “quotes” and \n breaks.'.repeat(4000)} end of ${mark}`;
const first = longText('first');
const filesOf = (town: BeadTown): Promise<readonly string[]> => town.ports.files.list(`towns/${town.townId}/bodies/`);
const whole = async (town: BeadTown, beadId: string): Promise<string> => bodyOf('beadBody', await town.on('beadBody', beadId));
/** The store takes nothing any more. */
const dying = (ports: Ports): Ports => ({
  ...ports,
  store: { ...ports.store, commit: () => Promise.reject(new Error('killed')) },
});

describe('a body of more than 100 KB', () => {
  it('is in Files: the item keeps its beginning, its size and its hash, and says that there is more', async () => {
    const town = await beadTown();
    const bead = await town.sling('Read the log', { body: first });
    const stored = await town.bead(bead.beadId);
    expect(Buffer.byteLength(JSON.stringify(stored))).toBeLessThan(limits.bodyStartBytes + 2048);
    expect(stored.bodyFile).toMatchObject({ bytes: Buffer.byteLength(first) });
    expect(stored.body).toContain(`The whole text has ${Buffer.byteLength(first)} bytes`);
    expect(stored.body.startsWith(first.slice(0, 5000))).toBe(true);
    expect(await whole(town, bead.beadId)).toBe(first);
    const small = await town.sling('Small', { body: 'as before' });
    expect((await town.bead(small.beadId)).bodyFile).toBeUndefined();
    expect(await whole(town, small.beadId)).toBe('as before');
  });
  it('comes in with every bead that is slung, also in a batch that does not fit one transaction', async () => {
    const town = await beadTown();
    const tasks = Array.from({ length: 60 }, (_, index) => ({
      title: `Task ${index}`,
      body: index % 30 === 0 ? longText(String(index)) : '',
    }));
    const body = { title: 'Many', rigId: town.rigId, tasks, parallel: true };
    const convoy = bodyOf('slingBatch', await town.call('slingBatch', { as: 'ada', params: { townId: town.townId }, body }));
    const [zero] = convoy.members;
    expect(await filesOf(town)).toHaveLength(2);
    expect(await whole(town, zero?.bead.beadId ?? '')).toBe(longText('0'));
  });
  it('is read by agents page by page', async () => {
    const mayor = anAgent({ agentId: 'mayor', role: 'mayor', epoch: 1, hookBeadId: undefined, slot: undefined, rigId: undefined });
    const ports = await townWith({ agents: [mayor], beads: [anIssue()] });
    const { beadId } = anIssue();
    await updateBead(ports, { townId, beadId, actor: 'user:ada', patch: { body: first } });
    const caller = identity({ agentId: 'mayor', role: 'mayor', epoch: 1 });
    const pages: string[] = [];
    for (let from: number | undefined = 0; from !== undefined;) {
      const answer = await callTool(ports, caller, 'gt_bead_status', { bead_id: beadId, body_from: from });
      if (answer.isError) throw new Error(answer.text);
      const data = pageSchema.parse(JSON.parse(answer.text.split('\n').at(-1) ?? ''));
      pages.push(data.body);
      from = data.body_next;
    }
    expect(pages.length).toBeGreaterThan(2);
    expect(pages.join('')).toBe(first);
  });
  it('is replaced as a whole, and the old file goes; the beginning alone is not taken for the whole', async () => {
    const town = await beadTown();
    const { beadId, body: shown } = await town.sling('Read the log', { body: first });
    const edit = async (body: string): Promise<number> => (await town.on('updateBead', beadId, { body: { body } })).status;
    const before = await filesOf(town);
    // What was read goes back unchanged, and so does the whole: nothing is written.
    expect([await edit(shown), await edit(first)]).toEqual([200, 200]);
    expect(await filesOf(town)).toEqual(before);
    expect(await edit(`${shown} and a line`)).toBe(422);
    expect(await edit(longText('second'))).toBe(200);
    expect(await whole(town, beadId)).toBe(longText('second'));
    expect(await filesOf(town)).toHaveLength(1);
    expect(await edit('short')).toBe(200);
    expect((await town.bead(beadId)).bodyFile).toBeUndefined();
    expect([await whole(town, beadId), await filesOf(town)]).toEqual(['short', []]);
  });
  it('is copied to the successor of a retry, and goes with a bead that is deleted', async () => {
    const town = await beadTown();
    const { beadId } = await town.sling('Read the log', { body: first });
    await town.fail(beadId);
    const heir = bodyOf('retryBead', await town.on('retryBead', beadId));
    await town.settle();
    expect((await town.on('deleteBead', beadId)).status).toBe(202);
    await town.settle();
    expect(await town.ports.store.get('bead', town.at(beadId))).toBeUndefined();
    expect((await filesOf(town)).map((path) => path.split('/')[3])).toEqual([heir.beadId]);
    expect(await whole(town, heir.beadId)).toBe(first);
  });
  it('is never named before it is there: killed between the two, what is left goes the night after', async () => {
    const ports = fakePorts();
    const town = await beadTown(ports);
    const { beadId } = await town.sling('Read the log', { body: first });
    const dead = dying(ports);
    const act = { ...town.at(beadId), actor: 'user:ada' } as const;
    await expect(updateBead(dead, { ...act, patch: { body: longText('second') } })).rejects.toThrow('killed');
    expect(await whole(town, beadId)).toBe(first);
    expect(await filesOf(town)).toHaveLength(2);
    // A young file may be about to be named.
    expect(await removeOrphans(ports, town.townId)).toBe(0);
    ports.clock.advance(2 * dayMs);
    expect(await removeOrphans(ports, town.townId)).toBe(1);
    expect(await whole(town, beadId)).toBe(first);
    expect(await removeOrphans(ports, town.townId)).toBe(0);
  });
});
