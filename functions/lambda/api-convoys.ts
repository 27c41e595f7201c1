// Lambda entry of the route group "convoys".
import { awsPorts } from '../adapters/aws-ports.ts';
import { createHandler } from '../api/convoys.handler.ts';

export const handler = createHandler(awsPorts());
