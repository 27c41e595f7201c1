// Lambda entry of the route group "health".
import { awsPorts } from '../adapters/aws-ports.ts';
import { createHandler } from '../api/health.handler.ts';

export const handler = createHandler(awsPorts());
