// Formulas of a town, the account's registry of them, and cooking.
import { z } from 'zod';
import { beadSchema } from '../bead.schema.ts';
import { formulaKindSchema, formulaLimits, formulaNameSchema, variablesSchema } from '../formula.schema.ts';
import { cookedStepSchema, moleculeModeSchema } from '../molecule.schema.ts';
import {
  beadIdSchema,
  bodySchema,
  isoTimeSchema,
  lineSchema,
  pageOf,
  pageQuerySchema,
  prioritySchema,
  proseSchema,
  rigIdSchema,
  textOfBytes,
  titleSchema,
  townIdSchema,
  userIdSchema,
} from '../primitives.schema.ts';
import { bead, none, ok, route, town } from './route.ts';
import { convoyViewSchema } from './views.ts';

const formula = z.strictObject({ townId: townIdSchema, name: formulaNameSchema });
const published = z.strictObject({ name: formulaNameSchema });
const textInput = z.strictObject({
  /** The document; its field `formula` is the name. */
  text: textOfBytes(formulaLimits.textBytes).min(1),
  format: z.enum(['toml', 'json']).default('toml'),
});

const problemsSchema = z.array(z.object({ step: z.string().optional(), message: z.string() }));
export const formulaSummarySchema = z.object({
  name: formulaNameSchema,
  kind: formulaKindSchema,
  description: z.string(),
  source: z.enum(['town', 'built-in']),
  version: z.int().optional(),
  installedVersion: z.int().optional(),
  updatedAt: isoTimeSchema.optional(),
});
export type FormulaSummary = z.infer<typeof formulaSummarySchema>;
const formulaViewSchema = formulaSummarySchema.extend({
  toml: z.string(),
  variables: z.array(
    z.object({
      name: z.string(),
      description: z.string().optional(),
      required: z.boolean(),
      default: z.string().optional(),
      enum: z.array(z.string()).optional(),
      pattern: z.string().optional(),
    }),
  ),
  /** What would keep it from being cooked whatever the variables are. */
  problems: problemsSchema,
});
const publishedSummarySchema = z.object({
  name: formulaNameSchema,
  kind: formulaKindSchema,
  description: z.string(),
  version: z.int(),
  publishedBy: userIdSchema,
  updatedAt: isoTimeSchema,
});
export const checklistSchema = z.object({
  formula: formulaNameSchema,
  kind: formulaKindSchema,
  steps: z.array(cookedStepSchema),
  warnings: z.array(z.string()),
});

const moleculeViewSchema = z.object({
  bead: beadSchema,
  molecule: beadSchema,
  /** The step to work on; none at a gate, or when all are over. */
  current: z.object({ stepId: z.string(), title: z.string() }).optional(),
  /** Steps that only their gate keeps. */
  waiting: z.array(z.object({ stepId: z.string(), title: z.string(), sentence: z.string() })),
  over: z.int(),
  total: z.int(),
});
export type MoleculeWire = z.infer<typeof moleculeViewSchema>;
const stepId = lineSchema.min(1).max(300);
const note = proseSchema.max(4000).optional();

const group = 'formulas';
const townPath = '/api/towns/{townId}/formulas';
export const formulasRoutes = {
  createFormula: route({
    group,
    method: 'POST',
    path: townPath,
    auth: 'user',
    summary: 'Store a formula of the town (TOML of Beads and Gas Town, or JSON). One of the same name as a built-in one takes its place.',
    params: town,
    query: none,
    body: textInput,
    response: formulaViewSchema,
    status: 201,
  }),
  listFormulas: route({
    group,
    method: 'GET',
    path: townPath,
    auth: 'user',
    summary: 'Formulas that the town can use: its own and the built-in ones.',
    params: town,
    query: pageQuerySchema,
    response: pageOf(formulaSummarySchema),
    status: 200,
  }),
  getFormula: route({
    group,
    method: 'GET',
    path: `${townPath}/{name}`,
    auth: 'user',
    summary: 'One formula as TOML, with its variables and what is wrong with it.',
    params: formula,
    query: none,
    response: formulaViewSchema,
    status: 200,
  }),
  replaceFormula: route({
    group,
    method: 'PUT',
    path: `${townPath}/{name}`,
    auth: 'user',
    summary: 'Replace a formula of the town. If-Match: version.',
    params: formula,
    query: none,
    body: textInput,
    response: formulaViewSchema,
    status: 200,
  }),
  deleteFormula: route({
    group,
    method: 'DELETE',
    path: `${townPath}/{name}`,
    auth: 'user',
    summary: 'Remove a formula of the town. Molecules that were made from it stay.',
    params: formula,
    query: none,
    response: ok,
    status: 200,
  }),
  cookFormula: route({
    group,
    method: 'POST',
    path: `${townPath}/{name}/cook`,
    auth: 'user',
    summary: 'Show the checklist that a formula becomes with these variables. Changes nothing.',
    params: formula,
    query: none,
    body: z.strictObject({ variables: variablesSchema.default({}), title: titleSchema.optional(), body: bodySchema.optional() }),
    response: checklistSchema,
    status: 200,
  }),
  pourFormula: route({
    group,
    method: 'POST',
    path: `${townPath}/{name}/pour`,
    auth: 'user',
    summary: 'Make work of a formula: a bead with its steps, steps for an open bead, or a convoy of beads.',
    params: formula,
    query: none,
    body: z.strictObject({
      variables: variablesSchema.default({}),
      as: z.enum([...moleculeModeSchema.options, 'convoy']).optional(),
      beadId: beadIdSchema.optional(),
      rigId: rigIdSchema.optional(),
      title: titleSchema.optional(),
      body: bodySchema.optional(),
      priority: prioritySchema.optional(),
    }),
    response: z.object({ bead: beadSchema.optional(), molecule: beadSchema.optional(), convoy: convoyViewSchema.optional() }),
    status: 201,
  }),
  getMolecule: route({
    group,
    method: 'GET',
    path: '/api/towns/{townId}/beads/{beadId}/molecule',
    auth: 'user',
    summary: 'The steps of a bead, which one is next, and what its gates wait for.',
    params: bead,
    query: none,
    response: moleculeViewSchema,
    status: 200,
  }),
  advanceMolecule: route({
    group,
    method: 'POST',
    path: '/api/towns/{townId}/beads/{beadId}/molecule/advance',
    auth: 'user',
    summary: 'Finish a step by hand.',
    params: bead,
    query: none,
    body: z.strictObject({
      stepId,
      outcome: z.enum(['done', 'skipped', 'failed']).default('done'),
      note,
      loopDone: z.boolean().optional(),
    }),
    response: moleculeViewSchema,
    status: 200,
  }),
  openMoleculeGate: route({
    group,
    method: 'POST',
    path: '/api/towns/{townId}/beads/{beadId}/molecule/open-gate',
    auth: 'user',
    summary: 'Give the word that a step waits for.',
    params: bead,
    query: none,
    body: z.strictObject({ stepId, note }),
    response: moleculeViewSchema,
    status: 200,
  }),
  installFormula: route({
    group,
    method: 'POST',
    path: `${townPath}/{name}/install`,
    auth: 'user',
    summary: "Copy a formula of the account's registry into the town, or take over its newest version.",
    params: formula,
    query: none,
    body: none,
    response: formulaViewSchema,
    status: 201,
  }),
  publishFormula: route({
    group,
    method: 'POST',
    path: '/api/registry/formulas',
    auth: 'user',
    summary: "Publish a formula of one of your towns to the account's registry, or a newer version of it.",
    params: none,
    query: none,
    body: z.strictObject({ fromTownId: townIdSchema, name: formulaNameSchema }),
    response: publishedSummarySchema,
    status: 201,
  }),
  listPublishedFormulas: route({
    group,
    method: 'GET',
    path: '/api/registry/formulas',
    auth: 'user',
    summary: "Formulas of the account's registry, by name.",
    params: none,
    query: pageQuerySchema,
    response: pageOf(publishedSummarySchema),
    status: 200,
  }),
  getPublishedFormula: route({
    group,
    method: 'GET',
    path: '/api/registry/formulas/{name}',
    auth: 'user',
    summary: 'One formula of the registry as TOML.',
    params: published,
    query: none,
    response: publishedSummarySchema.extend({ toml: z.string() }),
    status: 200,
  }),
  withdrawFormula: route({
    group,
    method: 'DELETE',
    path: '/api/registry/formulas/{name}',
    auth: 'user',
    summary: 'Take your formula out of the registry. Towns keep what they have installed.',
    params: published,
    query: none,
    response: ok,
    status: 200,
  }),
} as const;
