// Which partitions of the table may hold items of a town, made from the key layouts of all entities: what a new kind of item needs is found
// here or refused by a test. Knows no client.
import { shelfSchema } from '../../contracts/search.schema.ts';
import type { ItemEntity } from './entities/entity.ts';
import { entities } from './entities/service.ts';

/** A text with `${attribute}` in it. */
const attributesIn = (template: string): string[] => [...template.matchAll(/\$\{(\w+)\}/g)].flatMap((match) => match[1] ?? []);
const filled = (template: string, values: ReadonlyMap<string, string>): string =>
  template.replaceAll(/\$\{(\w+)\}/g, (_all, attribute: string) => values.get(attribute) ?? '');

interface Layout {
  readonly entity: string;
  readonly template: string;
  readonly index?: string;
}
const layoutsOf = (name: string, entity: ItemEntity): Layout[] =>
  Object.values(entity.schema.indexes).map(({ pk, index }) => ({
    entity: name,
    template: pk.template ?? '',
    ...(index === undefined ? {} : { index }),
  }));
const layouts = Object.entries(entities).flatMap(([name, entity]) => layoutsOf(name, entity));
const primary = layouts.filter((layout) => layout.index === undefined);

/** Attributes that stand for the town itself in a partition key. */
const townAttributes: readonly string[] = ['townId', 'indexedTownId', 'scope'];
const isOfTownAlone = ({ template }: Layout): boolean => {
  const attributes = attributesIn(template);
  return attributes.length === 1 && townAttributes.includes(attributes[0] ?? '');
};
const unique = <T>(values: readonly T[]): T[] => [...new Set(values)];

/** Partitions that follow from the town's id. */
export const fixedPartitions = (townId: string): readonly string[] => {
  const values = new Map(townAttributes.map((attribute) => [attribute, townId]));
  return unique(primary.filter(isOfTownAlone).map(({ template }) => filled(template, values)));
};

/** Partitions of indexes that name items whose own keys do not name the town. */
export const indexPartitions = (townId: string): readonly { readonly index: string; readonly partition: string }[] => {
  const values = new Map(townAttributes.map((attribute) => [attribute, townId]));
  return layouts.flatMap((layout) =>
    layout.index !== undefined && isOfTownAlone(layout) && !ownsTown(layout.entity)
      ? [{ index: layout.index, partition: filled(layout.template, values) }]
      : [],
  );
};
const ownsTown = (entity: string): boolean =>
  primary.some(
    (layout) => layout.entity === entity && attributesIn(layout.template).some((attribute) => townAttributes.includes(attribute)),
  );

type Row = Readonly<Record<string, unknown>>;
const texts = (row: Row, ...names: readonly string[]): string[] =>
  names.flatMap((name) => {
    const value = row[name];
    return typeof value === 'string' ? [value] : [];
  });
const dayMs = 86_400_000;
/** Every day of a town's life as `yyyymmdd`, one more at each end for clocks that differ. */
const daysSince = (createdAt: string, nowMs: number): string[] => {
  const days: string[] = [];
  const firstMs = Date.parse(createdAt);
  for (let atMs = firstMs - dayMs; atMs <= Math.max(nowMs, firstMs) + dayMs; atMs += dayMs)
    days.push(new Date(atMs).toISOString().slice(0, 10).replaceAll('-', ''));
  return days;
};
/** Only the town's own item, which is visited once everything else is gone, leads to all days. */
const daysOf = (row: Row, nowMs: number): string[] =>
  typeof row['ownerId'] === 'string' ? texts(row, 'createdAt').flatMap((at) => daysSince(at, nowMs)) : [];
/** Values of an attribute of a partition key that an item leads to. */
const values: Readonly<Record<string, (row: Row, nowMs: number) => string[]>> = {
  beadId: (row) => texts(row, 'beadId'),
  dependsOnId: (row) => texts(row, 'beadId'),
  agentId: (row) => texts(row, 'agentId'),
  userId: (row) => [
    ...texts(row, 'userId', 'ownerId', 'requestedBy'),
    ...texts(row, 'actor', 'createdBy').flatMap((principal) => (principal.startsWith('user:') ? [principal.slice('user:'.length)] : [])),
  ],
  commandPlace: (row) => (typeof row['ownerId'] === 'string' ? ['PASS', 'RT'] : []),
  day: (row, nowMs) => daysOf(row, nowMs),
  shelf: (row) => (typeof row['ownerId'] === 'string' ? [...shelfSchema.options] : []),
  period: (row, nowMs) => [...daysOf(row, nowMs), 'life'],
};

/** Partitions that an item of the town leads to, e.g. a bead to its edges. */
export const partitionsBehind = (townId: string, row: Row, nowMs: number): readonly string[] =>
  unique(
    primary.flatMap(({ template }) => {
      const [town, attribute, ...more] = attributesIn(template);
      if (town !== 'townId' || attribute === undefined || more.length > 0) return [];
      return (values[attribute]?.(row, nowMs) ?? []).map((value) =>
        filled(
          template,
          new Map([
            ['townId', townId],
            [attribute, value],
          ]),
        ),
      );
    }),
  );

/** Entities that have a town but could not be found by it; none, or a deleted town would leave them behind. */
export const unfindable = (): readonly string[] =>
  Object.entries(entities).flatMap(([name, entity]) => {
    const own = primary.find((layout) => layout.entity === name);
    const [town, attribute, ...more] = attributesIn(own?.template ?? '');
    const byKey =
      town !== undefined && townAttributes.includes(town) && (attribute === undefined || (more.length === 0 && attribute in values));
    const byIndex = layouts.some((layout) => layout.entity === name && layout.index !== undefined && isOfTownAlone(layout));
    const hasTown = 'townId' in entity.schema.attributes;
    return byKey || byIndex || !hasTown ? [] : [name];
  });
