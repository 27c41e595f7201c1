// Formulas of towns, and the account's registry of formulas.
import { publishedFormulaSchema, townFormulaSchema } from '../../../contracts/formula.schema.ts';
import { entityOf } from './entity.ts';

export const formulaEntity = entityOf({ name: 'formula', schema: townFormulaSchema, key: { pk: 'TOWN#${townId}', sk: 'FORMULA#${name}' } });
export const publishedFormulaEntity = entityOf({
  name: 'publishedFormula',
  schema: publishedFormulaSchema,
  key: { pk: 'REGISTRY#${registry}', sk: '${name}' },
});
