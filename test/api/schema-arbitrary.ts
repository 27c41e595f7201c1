// Values from a zod schema for fuzzing: mostly of its shape, through its JSON schema.
import * as fc from 'fast-check';
import { z } from 'zod';

const nodeSchema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.json()).optional(),
  const: z.json().optional(),
  anyOf: z.array(z.json()).optional(),
  oneOf: z.array(z.json()).optional(),
  properties: z.record(z.string(), z.json()).optional(),
  required: z.array(z.string()).optional(),
  items: z.json().optional(),
  maxItems: z.number().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  maxLength: z.number().optional(),
  pattern: z.string().optional(),
});

/** Texts that patterns of this product accept, and some that only look so. */
const knownTexts = [
  'r-abcd1234',
  't-abcd1234',
  'web-ab12',
  'hq-ab12',
  'main',
  'toast',
  'https://git.example.com/a.git',
  '/srv/a.git',
  'file:///srv/a.git',
  'git@example.com:a/b.git',
  'https://models.example.com/v1',
  '****1234',
  'web',
  'anthropic',
  '\u0000',
  '../..',
  '💥',
];

const objectArbitrary = (
  properties: Readonly<Record<string, z.core.util.JSONType>>,
  required: readonly string[],
): fc.Arbitrary<unknown> => {
  const fields = Object.fromEntries(Object.entries(properties).map(([name, node]) => [name, fromNode(node)]));
  return fc.record(fields, { requiredKeys: Object.keys(fields).filter((name) => required.includes(name)) });
};

const textArbitrary = (pattern: string | undefined, maxLength: number): fc.Arbitrary<unknown> => {
  const fitting = pattern === undefined ? [] : knownTexts.filter((text) => new RegExp(pattern).test(text));
  const others = fc.oneof(fc.constantFrom(...knownTexts), fc.string({ maxLength }));
  return fitting.length === 0 ? others : fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...fitting) }, { weight: 1, arbitrary: others });
};

const fromNode = (value: z.core.util.JSONType): fc.Arbitrary<unknown> => {
  const parsed = nodeSchema.safeParse(value);
  if (!parsed.success) return fc.jsonValue();
  const node = parsed.data;
  const choices = node.anyOf ?? node.oneOf;
  if (choices !== undefined) return fc.oneof(...choices.map(fromNode));
  if (node.const !== undefined) return fc.constant(node.const);
  if (node.enum !== undefined) return fc.constantFrom(...node.enum);
  switch (node.type) {
    case 'object':
      return node.properties === undefined
        ? fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 })
        : objectArbitrary(node.properties, node.required ?? []);
    case 'array':
      return fc.array(fromNode(node.items ?? {}), { maxLength: Math.min(node.maxItems ?? 4, 4) });
    case 'string':
      return textArbitrary(node.pattern, Math.min(node.maxLength ?? 40, 40));
    case 'integer':
      return fc.integer({ min: Math.max(node.minimum ?? 0, -10), max: Math.min(node.maximum ?? 100, 100) });
    case 'number':
      return fc.double({ noNaN: true });
    case 'boolean':
      return fc.boolean();
    case undefined:
    default:
      return fc.jsonValue();
  }
};

/** A good body with one or two fields made up: most are accepted, so that more than the schema is tested. */
export const changedFrom = (good: object, schema: z.ZodType): fc.Arbitrary<unknown> =>
  fc.tuple(arbitraryOf(schema), fc.nat(), fc.nat()).map(([made, one, other]) => {
    const fields = Object.entries(typeof made === 'object' && made !== null ? made : {});
    const chosen = [fields[one % Math.max(1, fields.length)], fields[other % Math.max(1, fields.length)]].flatMap((field) =>
      field === undefined ? [] : [field],
    );
    return { ...good, ...Object.fromEntries(chosen) };
  });

/** Arbitrary JSON of roughly the schema's shape; refinements may refuse it. */
export const arbitraryOf = (schema: z.ZodType): fc.Arbitrary<unknown> =>
  fromNode(z.json().parse(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })));
