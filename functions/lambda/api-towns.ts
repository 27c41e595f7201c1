// Lambda entry of the route group "towns".
import { awsPorts } from '../adapters/aws-ports.ts';
import { createHandler } from '../api/towns.handler.ts';

export const handler = createHandler(awsPorts());
