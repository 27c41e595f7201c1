// Makes an ElectroDB entity from the item's zod schema and its key layout, so that attributes are declared once. Keys keep their case.
import { Entity } from 'electrodb';
import type { Attribute, Schema } from 'electrodb';
import type { z } from 'zod';
import { projectedBy } from '../table.ts';
import type { IndexName } from '../table.ts';

/** Attribute names come from zod at run time; what is read is parsed by zod again, so ElectroDB's own item types are not needed. */
export type ItemSchema = Schema<string, string, string>;
export type ItemEntity = Entity<string, string, string, ItemSchema>;

/** Everything that a pass always reads lies here and nothing else does, so that one query reads it. */
export const passPartition = 'TOWN#${townId}#PASS';

/** Templates name attributes as `${attribute}`. */
export interface KeyLayout {
  readonly pk: string;
  readonly sk: string;
}
export interface IndexLayout extends KeyLayout {
  readonly index: IndexName;
  /** The item is in the index only when this attribute is not the empty string. */
  readonly sparseBy?: string;
}
export interface EntityLayout {
  readonly name: string;
  readonly schema: z.ZodObject;
  readonly key: KeyLayout;
  readonly indexes?: Readonly<Record<string, IndexLayout>>;
  /** Attributes that exist for index keys only; not part of the item. */
  readonly indexOnly?: readonly string[];
  /** Digits of numbers that stand in keys. */
  readonly padded?: Readonly<Record<string, number>>;
  /** Attributes of free JSON, stored as its text: the table's own maps have limits of depth, numbers and names that JSON does not have. */
  readonly asText?: readonly string[];
}

const attributesIn = (template: string): string[] => [...template.matchAll(/\$\{(\w+)\}/g)].flatMap((match) => match[1] ?? []);

const attributeOf = (name: string, layout: EntityLayout, inKeys: ReadonlySet<string>): Attribute => {
  const digits = layout.padded?.[name];
  if (digits !== undefined) return { type: 'number', padding: { length: digits, char: '0' } };
  if (layout.asText?.includes(name) === true) return { type: 'any', set: (value: unknown) => JSON.stringify(value) };
  return inKeys.has(name) ? { type: 'string' } : { type: 'any' };
};

const keyPart = (field: string, template: string) => ({ field, composite: attributesIn(template), template, casing: 'none' as const });

const indexOf = ({ index, pk, sk, sparseBy }: IndexLayout): ItemSchema['indexes'][string] => ({
  index,
  projection: [...projectedBy(index)],
  pk: keyPart(`${index}pk`, pk),
  sk: keyPart(`${index}sk`, sk),
  ...(sparseBy === undefined ? {} : { condition: (attributes: Record<string, unknown>) => attributes[sparseBy] !== '' }),
});

/** `primary` is the access pattern of the base table. */
export const entityOf = (layout: EntityLayout): ItemEntity => {
  const indexes = Object.entries(layout.indexes ?? {});
  const templates = [layout.key, ...indexes.map(([, index]) => index)].flatMap(({ pk, sk }) => [pk, sk]);
  const inKeys = new Set(templates.flatMap(attributesIn));
  // ElectroDB wants projected attributes to be declared, also those that only other entities of the index have.
  const projected = indexes.flatMap(([, { index }]) => projectedBy(index));
  const names = new Set([...Object.keys(layout.schema.shape), ...(layout.indexOnly ?? []), ...projected]);
  const schema: ItemSchema = {
    model: { entity: layout.name, service: 'gastown', version: '1' },
    attributes: Object.fromEntries([...names].map((name) => [name, attributeOf(name, layout, inKeys)])),
    indexes: {
      primary: { pk: keyPart('pk', layout.key.pk), sk: keyPart('sk', layout.key.sk) },
      ...Object.fromEntries(indexes.map(([pattern, index]) => [pattern, indexOf(index)])),
    },
  };
  return new Entity(schema);
};
