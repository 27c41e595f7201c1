// Who acts on a git host, as a port: apps that are installed there, with tokens that are made when they are needed, and people with a token.
import type { GitCredential } from './pull-request-host.ts';

/** An app of a host, installed for an account, with the key that signs for it. */
export interface HostApp {
  readonly host: 'github';
  /** Of the host's pages, e.g. `https://github.com`. */
  readonly origin: string;
  readonly appId: number;
  readonly installationId: number;
  /** PEM. */
  readonly privateKey: string;
}
export interface AppInstallation {
  /** The account that it is installed for. */
  readonly account: string;
  /** Sentences: what it may not do and must be able to. */
  readonly missing: readonly string[];
  /** Sentences: what it may not do and would help. */
  readonly advice: readonly string[];
}
export interface ShortToken {
  readonly credential: GitCredential;
  readonly expiresAtMs: number;
}

/** All throw (host-errors.ts) `HostUnavailable` and `HostRefused`. No message holds a key or a token. */
export interface HostAccounts {
  installation(app: HostApp): Promise<AppInstallation>;
  /**
   * A token of the app for one repository and what the town does there. `known`: one made before by this process does, as long as it lives ten
   * minutes more; `new`: one that was not given to anybody yet.
   */
  token(app: HostApp, gitUrl: string, from: 'known' | 'new'): Promise<ShortToken>;
  /** The name of the account that a token belongs to. */
  person(origin: string, credential: GitCredential): Promise<string>;
}
