// The formulas that every town has from the start.
import { formulaSchema } from '../../../contracts/formula.schema.ts';
import type { Formula } from '../../../contracts/formula.schema.ts';
import { codeReview } from './code-review.ts';
import { conflictResolve, polecatWork, ruleOfFive, securityAudit, tddCycle } from './practice.ts';
import { shiny, shinySecure } from './shiny.ts';

const documents = [shiny, shinySecure, tddCycle, ruleOfFive, securityAudit, codeReview, polecatWork, conflictResolve];

/** By name. */
export const builtInFormulas: ReadonlyMap<string, Formula> = new Map(
  documents.map((document) => {
    const formula = formulaSchema.parse(document);
    return [formula.formula, formula];
  }),
);
