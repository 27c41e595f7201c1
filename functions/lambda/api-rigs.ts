// Lambda entry of the route group "rigs".
import { awsPorts } from '../adapters/aws-ports.ts';
import { createHandler } from '../api/rigs.handler.ts';

export const handler = createHandler(awsPorts());
