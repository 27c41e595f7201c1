// Is the control plane up, and what does it offer?
import manifest from '../../package.json' with { type: 'json' };
import type { Ports } from '../ports.ts';
import { lambda } from './lambda.ts';
import { openApiDocument } from './openapi.ts';
import { createGroupHandler } from './serve.ts';
import type { ApiHandler } from './serve.ts';

export const createHandler = (ports: Ports): ApiHandler => {
  // Anybody may ask for it, and it is the same each time: it is made once.
  let document: ReturnType<typeof openApiDocument> | undefined;
  return createGroupHandler('health', ports, {
    health: async () => ({ status: 'ok', version: manifest.version }),
    openapi: async () => (document ??= openApiDocument(manifest.version, ports.deployment.apiUrl)),
  });
};
export const handler = lambda(createHandler);
