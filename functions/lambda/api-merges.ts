// Lambda entry of the route group "merges".
import { awsPorts } from '../adapters/aws-ports.ts';
import { createHandler } from '../api/merges.handler.ts';

export const handler = createHandler(awsPorts());
