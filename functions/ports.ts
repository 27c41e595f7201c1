// Interfaces to the outside. Handlers get them injected; adapters on AWS and on one machine fulfil the same contract suites.
import type { Agent, AgentReport, Identity } from './contracts/agent.schema.ts';
import type { Bead } from './contracts/bead.schema.ts';
import type { Dependency, GraphVersion } from './contracts/dependency.schema.ts';
import type { TownEvent } from './contracts/event.schema.ts';
import type { PublishedFormula, TownFormula } from './contracts/formula.schema.ts';
import type { ServerFrame } from './contracts/frames.schema.ts';
import type { Notification } from './contracts/notification.schema.ts';
import type { Command, RuntimeLease } from './contracts/runner.schema.ts';
import type { OwnerSettings } from './contracts/owner-settings.schema.ts';
import type { Persona, PublishedPersona } from './contracts/persona.schema.ts';
import type { HostAccounts } from './host-accounts.ts';
import type { GitCredential, PullRequestHost } from './pull-request-host.ts';
import type { HistoryDocument, Note, Shelf, Trace } from './contracts/search.schema.ts';
import type { SearchIndex } from './search-index.ts';
import type { MayorMessage, Rig, Town } from './contracts/town.schema.ts';
import type { Timings } from './contracts/timings.schema.ts';
import type { Tally, UsageItem } from './contracts/usage.schema.ts';
import type {
  AlarmItem,
  Connection,
  IdempotencyRecord,
  OnceMark,
  ReadyEntry,
  SessionBatch,
  Slot,
  Ticket,
  Train,
  WorkItem,
} from './contracts/work.schema.ts';

/** Every kind of stored item, by the name of its entity. */
export interface Items {
  town: Town;
  rig: Rig;
  bead: Bead;
  dependency: Dependency;
  graph: GraphVersion;
  event: TownEvent;
  work: WorkItem;
  ready: ReadyEntry;
  slot: Slot;
  once: OnceMark;
  idempotency: IdempotencyRecord;
  train: Train;
  alarm: AlarmItem;
  agent: Agent;
  identity: Identity;
  report: AgentReport;
  lease: RuntimeLease;
  command: Command;
  mayorMessage: MayorMessage;
  connection: Connection;
  ticket: Ticket;
  sessionBatch: SessionBatch;
  usage: UsageItem;
  formula: TownFormula;
  publishedFormula: PublishedFormula;
  ownerSettings: OwnerSettings;
  persona: Persona;
  publishedPersona: PublishedPersona;
  tally: Tally;
  history: HistoryDocument;
  trace: Trace;
  note: Note;
}
export type ItemName = keyof Items;

/** The attributes that make the key of each item; enough for get, delete and check. */
export interface Keys {
  town: Pick<Town, 'townId'>;
  rig: Pick<Rig, 'townId' | 'rigId'>;
  bead: Pick<Bead, 'townId' | 'beadId'>;
  dependency: Pick<Dependency, 'townId' | 'beadId' | 'type' | 'dependsOnId'>;
  graph: Pick<GraphVersion, 'townId'>;
  event: Pick<TownEvent, 'townId' | 'eventId'>;
  work: Pick<WorkItem, 'townId' | 'kind' | 'workId'>;
  ready: Pick<ReadyEntry, 'townId' | 'rigId' | 'queue' | 'order'>;
  slot: Pick<Slot, 'townId' | 'slotId'>;
  once: Pick<OnceMark, 'townId' | 'mark'>;
  idempotency: Pick<IdempotencyRecord, 'scope' | 'key'>;
  train: Pick<Train, 'townId' | 'rigId' | 'targetBranch'>;
  alarm: Pick<AlarmItem, 'townId'>;
  agent: Pick<Agent, 'townId' | 'agentId'>;
  identity: Pick<Identity, 'townId' | 'agentId'>;
  report: Pick<AgentReport, 'townId' | 'agentId'>;
  lease: Pick<RuntimeLease, 'townId'>;
  command: Pick<Command, 'townId' | 'commandId'>;
  mayorMessage: Pick<MayorMessage, 'townId' | 'userId' | 'messageId'>;
  connection: Pick<Connection, 'connectionId'>;
  ticket: Pick<Ticket, 'ticketId'>;
  sessionBatch: Pick<SessionBatch, 'townId' | 'agentId' | 'epoch' | 'batchId'>;
  ownerSettings: Pick<OwnerSettings, 'scope' | 'ownerId'>;
  persona: Pick<Persona, 'townId' | 'personaId'>;
  publishedPersona: Pick<PublishedPersona, 'registry' | 'personaId'>;
  usage: Pick<UsageItem, 'townId' | 'day' | 'callId'>;
  formula: Pick<TownFormula, 'townId' | 'name'>;
  publishedFormula: Pick<PublishedFormula, 'registry' | 'name'>;
  tally: Pick<Tally, 'townId' | 'period' | 'scope'>;
  history: Pick<HistoryDocument, 'townId' | 'shelf' | 'at' | 'kind' | 'id'>;
  trace: Pick<Trace, 'townId' | 'rigId' | 'folder'>;
  note: Pick<Note, 'townId' | 'noteId'>;
}

/** What must hold for a write; evaluated with the write in one transaction. */
export type Condition<T> =
  /** The item does not exist. */
  | { readonly absent: true }
  /** The item exists and each named attribute equals the value, e.g. `{ equals: { version: 3 } }` or `{ equals: { epoch: 7 } }`. */
  | { readonly equals: Partial<T> }
  /** No condition: the write is idempotent by itself. */
  | 'none';

/**
 * One write of a transaction. A put replaces the whole item. `check` writes nothing. `add` adds the named numbers to those that are stored and
 * sets the other attributes; where there is no item, it makes this one. Many may add to one item at once.
 */
export type Write = {
  [N in ItemName]:
    | { readonly put: N; readonly item: Items[N]; readonly when: Condition<Items[N]> }
    | { readonly add: N; readonly item: Items[N]; readonly numbers: readonly (string & keyof Items[N])[]; readonly when: 'none' }
    | { readonly remove: N; readonly key: Keys[N]; readonly when: Condition<Items[N]> }
    | { readonly check: N; readonly key: Keys[N]; readonly when: Condition<Items[N]> };
}[ItemName];

/** The removal of one item. */
export type Removal = Extract<Write, { readonly remove: ItemName }>;

/** `conflict`: nothing was written; `failed` holds the positions of the writes whose condition did not hold (empty for a plain transaction conflict). */
export type CommitOutcome = { readonly ok: true } | { readonly ok: false; readonly failed: readonly number[] };

/** What every pass reads of a town, in one strong query; lists are in the order of their keys. */
export interface PassItems {
  readonly town?: Town;
  readonly lease?: RuntimeLease;
  readonly alarm?: AlarmItem;
  readonly rigs: readonly Rig[];
  readonly agents: readonly Agent[];
  readonly reports: readonly AgentReport[];
  readonly work: readonly WorkItem[];
  readonly slots: readonly Slot[];
  readonly trains: readonly Train[];
  /** Commands that a workflow step waits for. */
  readonly commands: readonly Command[];
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly cursor?: string;
}
export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/**
 * All state. Reads are strongly consistent unless the comment says otherwise. Lists are in the order of their ids unless it says otherwise.
 * A page may be shorter than asked; only a missing cursor ends a list. Items past `deleteAfterEpochSeconds` may still be there: compare the time.
 * Throws (store-errors.ts) `StoreUnavailable` when the table cannot be reached after bounded retries, `BadCursor` for a cursor of another list,
 * `StoreMisuse` for what no store can do.
 */
export interface Store {
  get<N extends ItemName>(name: N, key: Keys[N]): Promise<Items[N] | undefined>;
  /** In the order of the keys; missing ones are undefined. Any number of keys. */
  getMany<N extends ItemName>(name: N, keys: readonly Keys[N][]): Promise<readonly (Items[N] | undefined)[]>;
  /**
   * All or nothing, at most 100 items, no two writes on one item; putting or removing a dependency counts as two items. An attribute that
   * `equals` names as undefined must be missing. One plain write is done without a transaction.
   */
  commit(writes: readonly Write[]): Promise<CommitOutcome>;

  /** Eventually consistent. */
  townsOf(ownerId: string, page: PageRequest): Promise<Page<Town>>;
  rigsOf(townId: string): Promise<readonly Rig[]>;
  /** The town's own personas; the built-in ones are not stored. */
  personasOf(townId: string): Promise<readonly Persona[]>;
  /** Eventually consistent; newest change of the status first. */
  beadsBy(
    /** `archived`: only what is in the archive; else only what is not. */
    query: { townId: string; type: Bead['type']; status: Bead['status']; archived?: boolean },
    page: PageRequest,
  ): Promise<Page<Bead>>;
  /** Every bead, by id. For the export and the audit. */
  everyBead(townId: string, page: PageRequest): Promise<Page<Bead>>;
  agentsOf(townId: string): Promise<readonly Agent[]>;
  /** Of all who ever left the town or were counted, also those who are gone. Strong read. */
  identitiesOf(townId: string): Promise<readonly Identity[]>;
  reportsOf(townId: string): Promise<readonly AgentReport[]>;
  /** Edges of the bead: what it depends on. */
  dependenciesOf(townId: string, beadId: string): Promise<readonly Dependency[]>;
  /** Edges towards the bead, of one type or of all: what depends on it. Strong: both directions are written in one transaction by `put: 'dependency'`. */
  dependentsOf(townId: string, beadId: string, type?: string): Promise<readonly Dependency[]>;
  passOf(townId: string): Promise<PassItems>;
  /** The whole work list of a town; ready entries, slots and marks are not in it. */
  workOf(townId: string): Promise<readonly WorkItem[]>;
  /** First `limit` entries of a ready queue, in order. */
  readyOf(townId: string, rigId: string, queue: string, limit: number): Promise<readonly ReadyEntry[]>;
  slotsOf(townId: string): Promise<readonly Slot[]>;
  trainsOf(townId: string): Promise<readonly Train[]>;
  /** Commands that are queued or not yet taken. */
  commandsOf(townId: string, ids: readonly string[]): Promise<readonly Command[]>;
  /**
   * Oldest first, after the given event id (exclusive). Eventually consistent with `beadId` or `agentId`. `agentId` alone finds the events
   * about the agent that name no bead; what it did for a bead is found by the bead.
   */
  eventsOf(
    townId: string,
    query: { after?: string | undefined; beadId?: string | undefined; agentId?: string | undefined; newestFirst?: boolean },
    page: PageRequest,
  ): Promise<Page<TownEvent>>;
  /** Newest first. */
  mayorMessages(townId: string, userId: string, page: PageRequest): Promise<Page<MayorMessage>>;
  /** Oldest first. Eventually consistent with `beadId`. */
  sessionBatches(townId: string, agentId: string, query: { beadId?: string | undefined }, page: PageRequest): Promise<Page<SessionBatch>>;
  usageOf(townId: string, day: string): Promise<readonly UsageItem[]>;
  /** By name. */
  formulasOf(townId: string, page: PageRequest): Promise<Page<TownFormula>>;
  /** The account's registry, by name. */
  publishedFormulas(page: PageRequest): Promise<Page<PublishedFormula>>;
  publishedPersonas(page: PageRequest): Promise<Page<PublishedPersona>>;
  /** Sums of one UTC day, or of lives. */
  talliesOf(townId: string, period: Tally['period']): Promise<readonly Tally[]>;
  /** Documents of search, newest first, older than the given one; no more than the limit, and perhaps fewer: only an empty answer is the end. */
  historyOf(
    query: { townId: string; shelf: Shelf; before?: Pick<HistoryDocument, 'at' | 'kind' | 'id'> | undefined },
    limit: number,
  ): Promise<readonly HistoryDocument[]>;
  /** Folders of a rig below this one, which is not among them; `.` is the top. In the order of their names, at most `limit`. */
  tracesBelow(townId: string, rigId: string, folder: string, limit: number): Promise<readonly Trace[]>;
  /** Newest first. */
  notesOf(townId: string, page: PageRequest): Promise<Page<Note>>;
  /** Eventually consistent. */
  connectionsOf(townId: string): Promise<readonly Connection[]>;
  /** Towns with work due at or before the time; eventually consistent; for the sweep. */
  overdueTowns(atMs: number): Promise<readonly string[]>;
  /** Every town of the deployment, by id; eventually consistent; for the audit. */
  everyTown(page: PageRequest): Promise<Page<Town>>;
  /** Towns with work at all; for the sweep after a restart. */
  everyTownWithWork(): Promise<readonly string[]>;
  /**
   * Removals of items that the town still owns, of every kind but its own item and the work item of its removal; what leads to others comes
   * after them, so that whoever is killed between two calls loses nothing. About `limit` of them; empty when nothing is left. Connections and tickets: eventually consistent.
   */
  leftoversOf(townId: string, limit: number): Promise<readonly Removal[]>;
}

/** Something changed in a town: puts it on the reconcile queue. Lost, repeated and late hints are harmless. */
export interface ReconcileQueue {
  /** `batchId`: the same one again for the same town is the same hint, e.g. a batch of the table's stream that is taken twice. */
  hint(townId: string, batchId?: string): Promise<void>;
}

/** Wakes a town at a time. Duplicates are harmless. `generation` makes the schedule's name, never reused. */
export interface Alarm {
  arm(wake: { townId: string; atMs: number; generation: number }): Promise<void>;
  /** Takes back every wake-up of a town that can be taken back; a hint that is under way finds no town. */
  disarm(townId: string): Promise<void>;
}

export type MachineName = 'merge' | 'train';
export type ExecutionStatus = 'running' | 'succeeded' | 'failed' | 'timed_out' | 'aborted' | 'unknown';
/** Durable workflows. `start` with a name that exists and the same input is a success that changes nothing. */
export interface Workflow {
  start(machine: MachineName, name: string, input: Readonly<Record<string, string | number>>): Promise<void>;
  status(machine: MachineName, name: string): Promise<ExecutionStatus>;
  /** `gone`: the token is unknown, used or timed out. */
  succeed(token: string, output: unknown): Promise<'taken' | 'gone'>;
  fail(token: string, error: { name: string; cause: string }): Promise<'taken' | 'gone'>;
  heartbeat(token: string): Promise<'taken' | 'gone'>;
  /** Ends an execution; one that has ended, or never was, stays as it is. */
  abort(machine: MachineName, name: string): Promise<void>;
  /** Stops what runs for a town and forgets what can be forgotten. `known`: executions that may run, by the records of the town. Idempotent. */
  removeTown(townId: string, known: readonly { readonly machine: MachineName; readonly name: string }[]): Promise<void>;
}

/** The machine or task on which a town's runner lives. */
export interface TownRuntime {
  /** Idempotent for one (town, runtimeEpoch). Resolves with the runtimeRef. Throws `RuntimeStartFailed` with the cloud's own text. */
  start(start: { townId: string; runtimeEpoch: number; bootstrapToken: string }): Promise<string>;
  status(runtimeRef: string): Promise<'starting' | 'running' | 'stopped'>;
  /** SIGTERM, then SIGKILL after the drain time. Idempotent. */
  stop(runtimeRef: string): Promise<void>;
  /** Stops whatever runs for the town, also what no lease names; its disk stays. Idempotent; `stopping` means: ask again. */
  stopTown(townId: string): Promise<'gone' | 'stopping'>;
  /** Stops whatever runs for the town and removes what it left on the machine. Idempotent; `stopping` means: ask again. */
  removeTown(townId: string): Promise<'gone' | 'stopping'>;
}

/** Sends frames to WebSocket connections. */
export interface Push {
  send(connectionId: string, frame: ServerFrame): Promise<'sent' | 'gone'>;
}

export interface Files {
  put(path: string, body: Uint8Array): Promise<void>;
  get(path: string): Promise<Uint8Array | undefined>;
  removePrefix(prefix: string): Promise<void>;
  /** Paths under a prefix that ends with a slash, in order, behind a path if one is given, at most 1000. */
  list(prefix: string, after?: string): Promise<readonly string[]>;
}

export interface Secrets {
  put(name: string, value: string): Promise<void>;
  get(name: string): Promise<string | undefined>;
  remove(name: string): Promise<void>;
  /** Every secret whose name begins with the prefix, which ends with a slash. */
  removePrefix(prefix: string): Promise<void>;
}

/** Signs and checks the product's own short tokens (ES256). */
export interface TokenSigner {
  sign(claims: Readonly<Record<string, string | number>>, lifeMs: number): Promise<string>;
  /** Claims of a token with a good signature and time; undefined otherwise. */
  verify(token: string): Promise<Readonly<Record<string, unknown>> | undefined>;
}

export interface Clock {
  nowMs(): number;
}
export interface Ids {
  /** Monotonic in one process. */
  ulid(): string;
  /** `length` random characters of base 36. */
  base36(length: number): string;
  /** URL-safe secret of 256 random bits. */
  secret(): string;
}

/** People who sign in. On AWS: Cognito access tokens; on one machine: the one-time link printed at start. */
export interface People {
  /** The person behind a bearer token; undefined when it is not one of ours or has ended. */
  verify(token: string): Promise<{ readonly userId: string; readonly name: string; readonly email: string } | undefined>;
  /** Exchange the code of a one-time link; undefined when it is unknown, used or old. Always undefined on AWS. */
  signIn(code: string): Promise<{ readonly token: string; readonly userId: string; readonly expiresAtMs: number } | undefined>;
  /** Name and e-mail of a person for commits; a no-reply address when none is known. */
  identity(userId: string): Promise<{ readonly name: string; readonly email: string }>;
}

export type { GitCredential };
export type ProbeResult =
  | {
      readonly ok: true;
      readonly defaultBranch: string;
      /** By name; none when the repository has no commits. */
      readonly branches: readonly string[];
      /** There may be branches that are not in the list. */
      readonly moreBranches: boolean;
    }
  /** `message` says what to do about it. */
  | {
      readonly ok: false;
      readonly reason: 'unreachable' | 'unauthorised' | 'not-found' | 'read-only' | 'not-allowed';
      readonly message: string;
    };
/** Repositories seen from the control plane. */
export interface GitHost {
  /** Asks the repository for its refs and for the right to push, without writing. */
  probe(gitUrl: string, credential?: GitCredential): Promise<ProbeResult>;
}

/** A channel with what the secrets hold of it. `secret` signs the calls of a webhook. */
export type NotifyTarget =
  | { readonly kind: 'ui' | 'email' }
  | { readonly kind: 'webhook'; readonly url: string; readonly secret?: string }
  | { readonly kind: 'slack'; readonly url: string };
/** Tells people outside the town. Throws when the channel did not take it; the caller tries again. */
export interface Notifier {
  send(target: NotifyTarget, notification: Notification): Promise<void>;
}

/** Structured events; never a raw event, token, prompt or body. */
export interface Log {
  info(event: string, fields?: Readonly<Record<string, string | number | boolean | undefined>>): void;
  warn(event: string, fields?: Readonly<Record<string, string | number | boolean | undefined>>): void;
  error(event: string, fields?: Readonly<Record<string, string | number | boolean | undefined>>): void;
}

/** Measurements: numbers under stable names, those in milliseconds end with `Ms`, all others are counts. Never fails its caller. */
export interface Metrics {
  /** `facts` go with the line and are no dimensions: ids, actions by rule. */
  record(values: Readonly<Record<string, number>>, facts?: Readonly<Record<string, string | number>>): void;
}

/** What a deployment decides once: where it can be reached, how long things wait, what is allowed. */
export interface Deployment {
  readonly apiUrl: string;
  readonly wsUrl: string;
  readonly timings: Timings;
  /** Repository paths on this machine may be connected as rigs (local towns only). */
  readonly localRepositories: boolean;
  /** Base URL of the scripted model server, where one runs. */
  readonly scriptedModelUrl?: string;
  readonly defaultModel: 'scripted' | 'bedrock';
  /** What an hour of a town's runtime costs, US dollars; absent on one's own machine. */
  readonly runtimeUsdPerHour?: number;
}

export interface Ports {
  readonly store: Store;
  readonly search: SearchIndex;
  readonly queue: ReconcileQueue;
  readonly alarm: Alarm;
  readonly workflow: Workflow;
  readonly runtime: TownRuntime;
  readonly push: Push;
  readonly files: Files;
  readonly secrets: Secrets;
  readonly tokens: TokenSigner;
  readonly people: People;
  readonly gitHost: GitHost;
  readonly pullRequests: PullRequestHost;
  readonly hostAccounts: HostAccounts;
  readonly notifier: Notifier;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly deployment: Deployment;
}
