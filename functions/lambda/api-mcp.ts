// Lambda entry of the route group "mcp".
import { awsPorts } from '../adapters/aws-ports.ts';
import { createHandler } from '../api/mcp.handler.ts';

export const handler = createHandler(awsPorts());
