// Lambda entry of the route group "agents".
import { awsPorts } from '../adapters/aws-ports.ts';
import { createHandler } from '../api/agents.handler.ts';

export const handler = createHandler(awsPorts());
