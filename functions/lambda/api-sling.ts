// Lambda entry of the route group "sling".
import { awsPorts } from '../adapters/aws-ports.ts';
import { createHandler } from '../api/sling.handler.ts';

export const handler = createHandler(awsPorts());
