// Lambda entry of the route group "events".
import { awsPorts } from '../adapters/aws-ports.ts';
import { createHandler } from '../api/events.handler.ts';

export const handler = createHandler(awsPorts());
