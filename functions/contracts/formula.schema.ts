// Formulas: templates of ordered steps, in the format of Beads and Gas Town. Keys that are not known here are kept, so that a file survives import and export.
import { z } from 'zod';
import { isoTimeSchema, lineSchema, principalSchema, textOfBytes, townIdSchema, userIdSchema } from './primitives.schema.ts';

export const formulaLimits = {
  textBytes: 128 * 1024,
  depth: 24,
  steps: 300,
  cookedBytes: 200 * 1024,
  expansionDepth: 5,
  parents: 8,
  valueCharacters: 4000,
} as const;

export const formulaNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/, 'a formula name is letters, digits, dots, underscores and hyphens, e.g. shiny');
/** A step id as it is written; placeholders make it a template. */
const stepIdSchema = z.string().min(1).max(200);
const text = z.string().max(64 * 1024);
const strings = z.array(z.string().max(500)).max(300);
const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const values = z.record(z.string(), scalar);

export const formulaKindSchema = z.enum(['workflow', 'convoy', 'expansion', 'aspect']);
export type FormulaKind = z.infer<typeof formulaKindSchema>;

const variableTableSchema = z.looseObject({
  description: text.optional(),
  default: scalar.optional(),
  required: z.boolean().optional(),
  required_unless: strings.optional(),
  enum: z.array(scalar).optional(),
  pattern: z.string().max(200).optional(),
  type: z.string().optional(),
});
/** A plain value is short for a default. */
export const formulaVariableSchema = z.preprocess(
  (value) => (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? { default: value } : value),
  variableTableSchema,
);
export type FormulaVariable = z.infer<typeof variableTableSchema>;

const gateSchema = z.looseObject({
  type: z.string().min(1).max(40),
  id: z.string().max(500).optional(),
  timeout: z.string().max(40).optional(),
  description: z.string().max(1000).optional(),
});
export type FormulaGate = z.infer<typeof gateSchema>;

const stepShape = {
  id: stepIdSchema,
  title: z.string().max(1000).optional(),
  description: text.optional(),
  acceptance: text.optional(),
  notes: text.optional(),
  type: z.string().max(40).optional(),
  /** `no-code`: a leg of a convoy that ends without a push. */
  kind: z.enum(['work', 'no-code']).optional(),
  priority: z.int().min(0).max(4).optional(),
  labels: strings.optional(),
  depends_on: strings.optional(),
  needs: strings.optional(),
  waits_for: z.string().max(300).optional(),
  optional: z.boolean().optional(),
  condition: z.string().max(500).optional(),
  expand: z.string().max(200).optional(),
  expand_vars: values.optional(),
  gate: gateSchema.optional(),
  on_complete: z.looseObject({}).optional(),
} as const;
const loopShape = {
  count: z.union([z.int(), z.string().max(100)]).optional(),
  range: z.string().max(200).optional(),
  until: z.string().max(500).optional(),
  max: z.int().optional(),
  var: z.string().max(60).optional(),
} as const;
const stepBase = z.looseObject(stepShape);
const loopBase = z.looseObject(loopShape);
export type FormulaStep = z.infer<typeof stepBase> & {
  children?: FormulaStep[] | undefined;
  loop?: FormulaLoop | undefined;
};
export type FormulaLoop = z.infer<typeof loopBase> & { body: FormulaStep[] };
export const formulaStepSchema: z.ZodType<FormulaStep> = z.looseObject({
  ...stepShape,
  children: z.array(z.lazy(() => formulaStepSchema)).optional(),
  loop: z.looseObject({ ...loopShape, body: z.array(z.lazy(() => formulaStepSchema)) }).optional(),
});
const steps = z.array(formulaStepSchema).max(formulaLimits.steps);

const adviceStepSchema = z.looseObject({
  id: stepIdSchema,
  title: z.string().max(1000).optional(),
  description: text.optional(),
  acceptance: text.optional(),
  type: z.string().max(40).optional(),
});
export type AdviceStep = z.infer<typeof adviceStepSchema>;
const adviceSchema = z.looseObject({
  target: z.string().min(1).max(200),
  before: adviceStepSchema.optional(),
  after: adviceStepSchema.optional(),
  around: z.looseObject({ before: z.array(adviceStepSchema).optional(), after: z.array(adviceStepSchema).optional() }).optional(),
});
export type Advice = z.infer<typeof adviceSchema>;
const pointcutSchema = z.looseObject({ glob: z.string().optional(), type: z.string().optional(), label: z.string().optional() });
export type Pointcut = z.infer<typeof pointcutSchema>;

const composeSchema = z.looseObject({
  expand: z.array(z.looseObject({ target: stepIdSchema, with: formulaNameSchema, vars: values.optional() })).optional(),
  map: z.array(z.looseObject({ select: stepIdSchema, with: formulaNameSchema, vars: values.optional() })).optional(),
  aspects: z.array(formulaNameSchema).optional(),
  branch: z.array(z.looseObject({ from: stepIdSchema, steps: strings, join: stepIdSchema })).optional(),
  gate: z.array(z.looseObject({ before: stepIdSchema, condition: z.string().min(1).max(500) })).optional(),
  bond_points: z.array(z.looseObject({})).optional(),
  hooks: z.array(z.looseObject({})).optional(),
});
export type Compose = z.infer<typeof composeSchema>;

const legSchema = z.looseObject({
  ...stepShape,
  focus: text.optional(),
});
const synthesisSchema = z.looseObject({
  title: z.string().max(1000).optional(),
  description: text.optional(),
  depends_on: strings.optional(),
  kind: stepShape.kind,
});

/** A whole document as it is stored: TOML and JSON say the same. */
export const formulaSchema = z.looseObject({
  formula: formulaNameSchema,
  description: text.optional(),
  version: z.int().min(1).default(1),
  type: formulaKindSchema.default('workflow'),
  extends: z.preprocess((value) => (typeof value === 'string' ? [value] : value), z.array(formulaNameSchema).optional()).optional(),
  vars: z.record(z.string(), formulaVariableSchema).optional(),
  inputs: z.record(z.string(), formulaVariableSchema).optional(),
  steps: steps.optional(),
  template: steps.optional(),
  advice: z.array(adviceSchema).optional(),
  pointcuts: z.array(pointcutSchema).optional(),
  compose: composeSchema.optional(),
  legs: z.array(legSchema).max(formulaLimits.steps).optional(),
  synthesis: synthesisSchema.optional(),
  prompts: z.looseObject({ base: text.optional() }).optional(),
  output: z
    .looseObject({ directory: z.string().optional(), leg_pattern: z.string().optional(), synthesis: z.string().optional() })
    .optional(),
});
export type Formula = z.output<typeof formulaSchema>;

/** Values of a formula's variables. */
export const variablesSchema = z.record(
  lineSchema.min(1).max(100),
  textOfBytes(4 * formulaLimits.valueCharacters).max(formulaLimits.valueCharacters),
);

const storedShape = {
  name: formulaNameSchema,
  kind: formulaKindSchema,
  description: z.string(),
  /** The document as JSON text: what is stored stays readable when the format grows. */
  document: z.string().max(2 * formulaLimits.textBytes),
  version: z.int().min(1),
  createdAt: isoTimeSchema,
  updatedAt: isoTimeSchema,
} as const;
/** A formula of a town. */
export const townFormulaSchema = z.object({
  townId: townIdSchema,
  ...storedShape,
  createdBy: principalSchema,
  /** It came from the registry, with this version. */
  installedVersion: z.int().min(1).optional(),
});
export type TownFormula = z.infer<typeof townFormulaSchema>;
/** A formula of the account's registry: readable by everyone who can sign in, changed by who published it. */
export const publishedFormulaSchema = z.object({
  ...storedShape,
  /** One registry per account; it names the partition. */
  registry: z.literal('formulas'),
  publishedBy: userIdSchema,
  fromTownId: townIdSchema,
});
export type PublishedFormula = z.infer<typeof publishedFormulaSchema>;
