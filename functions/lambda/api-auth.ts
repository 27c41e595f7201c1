// Lambda entry of the route group "auth".
import { awsPorts } from '../adapters/aws-ports.ts';
import { createHandler } from '../api/auth.handler.ts';

export const handler = createHandler(awsPorts());
