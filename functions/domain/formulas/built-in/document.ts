// How the built-in formulas are written down: a document before its defaults are filled in.
import type { z } from 'zod';
import type { formulaSchema } from '../../../contracts/formula.schema.ts';

export type FormulaDocument = z.input<typeof formulaSchema>;
