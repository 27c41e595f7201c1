// The one line of a handler file that Lambda sees: ports on AWS, made at the first event. Loaded only there, so that one machine never loads an AWS client.
import type { Ports } from '../ports.ts';

/** Makes the handler at the first event and keeps it. A failed start is tried again at the next event. */
export const lambda = <E, R>(createHandler: (ports: Ports) => (event: E) => Promise<R>): ((event: E) => Promise<R>) => {
  let handler: ((event: E) => Promise<R>) | undefined;
  return async (event) => {
    if (handler === undefined) {
      const { awsPorts } = await import('../adapters/aws-ports.ts');
      handler = createHandler(awsPorts());
    }
    return handler(event);
  };
};
