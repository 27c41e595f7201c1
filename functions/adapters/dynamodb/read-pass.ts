// The one query of a pass: a whole partition, sorted into its kinds of items by ElectroDB's mark on each row.
import { z } from 'zod';
import type { Items, PassItems } from '../../ports.ts';
import { storedItem } from './items.ts';
import { keyOf, readPartition } from './read.ts';
import type { Row, Table } from './read.ts';

type Lists = { readonly [N in 'rig' | 'agent' | 'report' | 'work' | 'slot' | 'train' | 'command']: Items[N][] };
interface Singles {
  town?: Items['town'];
  lease?: Items['lease'];
  alarm?: Items['alarm'];
}
const entityMark = '__edb_e__';
const markedSchema = z.looseObject({ [entityMark]: z.string() });

const sort = (row: Row, singles: Singles, lists: Lists): void => {
  const name = markedSchema.parse(row)[entityMark];
  switch (name) {
    case 'town':
      singles.town = storedItem(name, row);
      break;
    case 'lease':
      singles.lease = storedItem(name, row);
      break;
    case 'alarm':
      singles.alarm = storedItem(name, row);
      break;
    case 'rig':
      lists.rig.push(storedItem(name, row));
      break;
    case 'agent':
      lists.agent.push(storedItem(name, row));
      break;
    case 'report':
      lists.report.push(storedItem(name, row));
      break;
    case 'work':
      lists.work.push(storedItem(name, row));
      break;
    case 'slot':
      lists.slot.push(storedItem(name, row));
      break;
    case 'train':
      lists.train.push(storedItem(name, row));
      break;
    case 'command':
      lists.command.push(storedItem(name, row));
      break;
    default:
      // A kind of a newer release: an older one has no rule for it.
      break;
  }
};

/** Strong, one query. Throws `StoredItemInvalid`. */
export const readPass = async (table: Table, townId: string): Promise<PassItems> => {
  const singles: Singles = {};
  const lists: Lists = { rig: [], agent: [], report: [], work: [], slot: [], train: [], command: [] };
  for (const row of await readPartition(table, keyOf(table, 'town', { townId }).pk)) sort(row, singles, lists);
  return {
    ...singles,
    rigs: lists.rig,
    agents: lists.agent,
    reports: lists.report,
    work: lists.work,
    slots: lists.slot,
    trains: lists.train,
    commands: lists.command,
  };
};
