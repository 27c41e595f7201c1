// Lambda entry of the route group "mayor".
import { awsPorts } from '../adapters/aws-ports.ts';
import { createHandler } from '../api/mayor.handler.ts';

export const handler = createHandler(awsPorts());
