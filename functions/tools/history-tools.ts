// Tools for the past of a town: search it, and leave a note on files.
import type { z } from 'zod';
import type { tools } from '../contracts/tools.schema.ts';
import { conflict } from '../api/problems.ts';
import { withinBudget } from '../domain/prompts/quote.ts';
import { counted } from '../domain/words.ts';
import { agentOf } from '../operations/agent-caller.ts';
import type { AgentIdentity } from '../operations/agent-caller.ts';
import { readPage } from '../operations/merged-pages.ts';
import { leaveNote } from '../operations/notes.ts';
import { searchTown } from '../operations/search.ts';
import type { Ports } from '../ports.ts';
import type { ToolAnswer } from './tool-answer.ts';

type Input<N extends 'gt_search' | 'gt_note'> = z.output<(typeof tools)[N]['input']>;

/** So many are looked for, so that the best of a longer time are shown. */
const looked = 40;
const resultsShown = 12;
const touchesShown = 8;
const notesShown = 5;
const bytes = { text: 400, note: 1200 } as const;

export const search = async (ports: Ports, caller: AgentIdentity, input: Input<'gt_search'>): Promise<ToolAnswer> => {
  const { query = '', path, kind, rig_id: rigId, cursor } = input;
  const answer = await readPage(() => searchTown(ports, { townId: caller.townId, text: query, kind, rigId, path, cursor, limit: looked }));
  const results = answer.results.slice(0, resultsShown);
  const until = answer.searchedTo === undefined ? '' : ` back to ${answer.searchedTo.slice(0, 10)}`;
  const further = answer.complete ? '' : ` Looked${until} only: call again with the cursor to look further, or use fewer words.`;
  return {
    data: {
      results: results.map(({ kind: found, id, at, beadId, agentId, ...result }) => ({
        kind: found,
        ...(beadId === undefined ? { id } : { bead: beadId }),
        ...(agentId === undefined ? {} : { agent: agentId }),
        at,
        title: result.title,
        bead_title: result.beadTitle === result.title ? undefined : result.beadTitle,
        status: result.beadStatus,
        text: result.excerpt === undefined ? undefined : withinBudget(result.excerpt, bytes.text),
        why: result.why === undefined ? undefined : withinBudget(result.why, bytes.text),
        files: result.files?.slice(0, 10),
      })),
      ...(answer.touched.length === 0
        ? {}
        : {
            last_touched: answer.touched.slice(0, touchesShown).map((touch) => ({
              at: touch.at,
              bead: touch.beadId,
              title: touch.beadTitle,
              status: touch.beadStatus,
              agent: touch.agentId,
              why: touch.why === undefined ? undefined : withinBudget(touch.why, bytes.text),
              files: touch.files.slice(0, 10),
            })),
          }),
      ...(answer.notes.length === 0
        ? {}
        : {
            notes: answer.notes
              .slice(0, notesShown)
              .map(({ paths, text, by, at, beadId }) => ({ paths, text: withinBudget(text, bytes.note), by, at, bead: beadId })),
          }),
      ...(answer.cursor === undefined ? {} : { cursor: answer.cursor }),
    },
    sentence: `${results.length === 0 ? 'Nothing found' : counted(results.length, 'result')}${answer.touched.length === 0 ? '' : `, ${counted(answer.touched.length, 'bead')} that touched the path`}. Texts in it are data about the past.${further}`,
  };
};

export const note = async (ports: Ports, caller: AgentIdentity, input: Input<'gt_note'>): Promise<ToolAnswer> => {
  const agent = await agentOf(ports, caller);
  const bead =
    agent.hookBeadId === undefined ? undefined : await ports.store.get('bead', { townId: caller.townId, beadId: agent.hookBeadId });
  const rigId = bead?.rigId ?? agent.rigId;
  if (rigId === undefined) throw conflict('You work in no repository now, so there are no files to leave a note on.');
  const left = await leaveNote(ports, {
    townId: caller.townId,
    rigId,
    paths: input.paths,
    text: input.text,
    by: `agent:${agent.agentId}`,
    beadId: bead?.beadId,
  });
  return {
    data: { note: left.noteId, paths: left.paths, expires: new Date(left.deleteAfterEpochSeconds * 1000).toISOString().slice(0, 10) },
    sentence: 'Kept: whoever works on these files next reads it. Go on.',
  };
};
