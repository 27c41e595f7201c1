// Lambda entry of the route group "beads".
import { awsPorts } from '../adapters/aws-ports.ts';
import { createHandler } from '../api/beads.handler.ts';

export const handler = createHandler(awsPorts());
