// By which names this machine may be asked, and by whose pages. For everything that listens here.

const ownNames: readonly string[] = ['127.0.0.1', 'localhost', '[::1]'];
const partsOf = (host: string): { readonly name: string; readonly port: string } | undefined => {
  const [, name, port] = /^(.+?)(?::(\d+))?$/.exec(host) ?? [];
  return name !== undefined && ownNames.includes(name) ? { name, port: port ?? '80' } : undefined;
};

/** Another Host header is a page of a stranger that points its name at us (DNS rebinding). */
export const isOwnHost = (host: string | undefined): host is string => host !== undefined && partsOf(host) !== undefined;

/** Whether a page of this origin is the town's own: this machine by any of its names, on the port that was asked. Programs send no origin. */
export const isOwnOrigin = (origin: string | undefined, host: string): boolean => {
  if (origin === undefined) return true;
  const page = origin.startsWith('http://') ? partsOf(origin.slice('http://'.length)) : undefined;
  return page !== undefined && page.port === partsOf(host)?.port;
};
