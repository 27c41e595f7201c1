// This API as an OpenAPI 3.1 document, made from the route table.
import { z } from 'zod';
import { problemSchema } from '../contracts/problem.schema.ts';
import { routes } from '../contracts/routes.ts';
import type { Route } from '../contracts/routes.ts';

type Json = z.core.util.JSONType;
type JsonObject = { [key: string]: Json };
const jsonObject = z.record(z.string(), z.json());

/** Where the schemas of a document live; references are rewritten to it. */
const home = '#/components/schemas/';

const rewritten = (value: Json, name: string): Json => {
  if (Array.isArray(value)) return value.map((item) => rewritten(item, name));
  if (typeof value !== 'object' || value === null) return value;
  const result: JsonObject = {};
  for (const [key, inner] of Object.entries(value)) {
    if (key === '$schema' || key === '$defs') continue;
    result[key] =
      key === '$ref' && typeof inner === 'string'
        ? inner.replace(/^#\/\$defs\//, `${home}${name}.`).replace(/^#$/, `${home}${name}`)
        : rewritten(inner, name);
  }
  return result;
};

/** Adds a schema and what it defines to the document; answers with a reference. */
const added = (schemas: JsonObject, name: string, schema: z.ZodType, io: 'input' | 'output'): JsonObject => {
  const made = jsonObject.parse(z.toJSONSchema(schema, { io, unrepresentable: 'any' }));
  const definitions = jsonObject.safeParse(made['$defs']);
  for (const [key, definition] of Object.entries(definitions.success ? definitions.data : {}))
    schemas[`${name}.${key}`] = rewritten(definition, name);
  schemas[name] = rewritten(made, name);
  return { $ref: `${home}${name}` };
};

const parametersOf = (schema: z.ZodObject, where: 'path' | 'query'): JsonObject[] =>
  Object.entries(schema.shape).map(([name, field]) => ({
    name,
    in: where,
    required: where === 'path',
    schema: rewritten(jsonObject.parse(z.toJSONSchema(field, { io: 'input', unrepresentable: 'any' })), name),
  }));

const header = (name: string, description: string): JsonObject => ({
  name,
  in: 'header',
  required: false,
  description,
  schema: { type: 'string', maxLength: 200 },
});
const headersOf = (route: Route): JsonObject[] => [
  ...(route.method === 'POST' && route.auth === 'user'
    ? [header('Idempotency-Key', 'The same key makes the effect happen once; its answer is repeated for a day.')]
    : []),
  ...(route.method === 'PATCH' ? [header('If-Match', 'The version that you read; another stored version answers 409.')] : []),
];

const mediaTypeOf = ({ jsonLines, plainText }: Route): string => {
  if (jsonLines === true) return 'application/x-ndjson';
  return plainText === true ? 'text/plain' : 'application/json';
};

const operationOf = (id: string, route: Route, schemas: JsonObject): JsonObject => ({
  operationId: id,
  tags: [route.group],
  summary: route.summary,
  ...(route.auth === 'none' ? { security: [] } : { security: [{ [route.auth]: [] }] }),
  parameters: [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query'), ...headersOf(route)],
  ...(route.body === undefined
    ? {}
    : { requestBody: { required: true, content: { [mediaTypeOf(route)]: { schema: added(schemas, `${id}Body`, route.body, 'input') } } } }),
  responses: {
    [String(route.status)]: {
      description: 'Success.',
      content: {
        [route.method === 'GET' ? mediaTypeOf(route) : 'application/json']: {
          schema: added(schemas, `${id}Response`, route.response, 'output'),
        },
      },
    },
    default: { description: 'A problem (RFC 9457).', content: { 'application/problem+json': { schema: { $ref: `${home}Problem` } } } },
  },
});

const bearer = (description: string): JsonObject => ({ type: 'http', scheme: 'bearer', description });

/** `version` is the product's; `serverUrl` where this API is served. */
export const openApiDocument = (version: string, serverUrl: string): JsonObject => {
  const schemas: JsonObject = {};
  added(schemas, 'Problem', problemSchema, 'output');
  const paths: { [path: string]: JsonObject } = {};
  for (const [id, route] of Object.entries(routes))
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operationOf(id, route, schemas) };
  return {
    openapi: '3.1.0',
    info: { title: 'Gastown on AWS', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: serverUrl }],
    paths,
    components: {
      schemas,
      securitySchemes: {
        user: bearer('Token of a person.'),
        agent: bearer('Short token of one agent in one epoch.'),
        runner: bearer('Short token of the town runner.'),
      },
    },
  };
};
