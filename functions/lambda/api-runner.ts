// Lambda entry of the route group "runner".
import { awsPorts } from '../adapters/aws-ports.ts';
import { createHandler } from '../api/runner.handler.ts';

export const handler = createHandler(awsPorts());
