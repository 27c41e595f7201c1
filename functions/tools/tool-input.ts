// Tool arguments at the edge: the JSON Schema that models are shown, and sentences that say how to repair a wrong call.
import { z } from 'zod';
import { tools } from '../contracts/tools.schema.ts';
import type { ToolName } from '../contracts/tools.schema.ts';

type JsonObject = Record<string, unknown>;
const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keywords that some providers refuse (look-ahead patterns, recursion); the server checks them anyway. */
const dropped: ReadonlySet<string> = new Set(['$schema', '$defs', 'pattern', 'propertyNames']);
const simplified = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(simplified);
  if (!isObject(value)) return value;
  if ('$ref' in value) return {};
  const inProperties = (key: string, inner: unknown): unknown =>
    key === 'properties' && isObject(inner)
      ? Object.fromEntries(Object.entries(inner).map(([name, schema]) => [name, simplified(schema)]))
      : simplified(inner);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !dropped.has(key))
      .map(([key, inner]) => [key, inProperties(key, inner)]),
  );
};

/** JSON Schema of a tool's arguments, in the subset that every provider takes. */
export const jsonSchemaOf = (
  name: ToolName,
): { type: 'object'; properties: JsonObject; required: string[]; additionalProperties: boolean } => {
  const schema = simplified(z.toJSONSchema(tools[name].input, { io: 'output' }));
  const parsed = z
    .looseObject({ properties: z.record(z.string(), z.unknown()).default({}), required: z.array(z.string()).default([]) })
    .parse(schema);
  return { type: 'object', properties: parsed.properties, required: parsed.required, additionalProperties: false };
};

const issueSentence = (issue: z.core.$ZodIssue): string => {
  const where = issue.path.length === 0 ? 'the arguments' : issue.path.join('.');
  if (issue.code === 'unrecognized_keys') return `leave out ${issue.keys.join(', ')} (${where} has no such field)`;
  return `${where}: ${issue.message}`;
};

/** What to do next about arguments that do not fit. */
export const argumentSentence = (name: ToolName, error: z.ZodError): string => {
  const { properties, required } = jsonSchemaOf(name);
  const fields = Object.keys(properties).map((field) => (required.includes(field) ? field : `${field}?`));
  return `${name} was not done: ${error.issues.slice(0, 8).map(issueSentence).join('; ')}. It takes {${fields.join(', ')}}. Call it again with this repaired.`;
};
