// One life of an agent on opencode: home, workspace, server, conversation; restarted when its server crashes, ended with everything it started.
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ObservedAgent } from '../../../functions/contracts/agent.schema.ts';
import type { Assignment, RunnerReport, SessionPart } from '../../../functions/contracts/runner.schema.ts';
import { doorVariable } from '../command/tool-call.ts';
import type { AgentAccess } from '../doors/agent-access.ts';
import { dirtyFilesIn } from '../git/dirty-files.ts';
import { GitError } from '../git/git.ts';
import { identityEnvironment, writeAgentGit } from '../git/agent-git.ts';
import type { Pushes, Pusher } from '../git/pushes.ts';
import type { Workspaces } from '../git/workspaces.ts';
import type { Layout } from '../layout.ts';
import { messageOf } from '../log.ts';
import type { RunnerLog } from '../log.ts';
import type { AgentUsers } from '../process/agent-users.ts';
import { killProcessesOf, recordProcess } from '../process/process-records.ts';
import type { UnixUser } from '../process/run-process.ts';
import { toolDoorFile, writeToolDoor } from './agent-command.ts';
import { closeHome, homeOf, prepareHome } from './agent-home.ts';
import type { AgentLife, AgentRuntime } from './agent-runtime.ts';
import { openAgentState } from './agent-state.ts';
import { createConversation } from './conversation.ts';
import type { Conversation, FinishedTurn } from './conversation.ts';
import { createOpencodeClient } from './opencode-client.ts';
import type { OpencodeClient } from './opencode-client.ts';
import { agentEnvironment, opencodeConfig, opencodeEnvironment } from './opencode-config.ts';
import { startOpencode } from './opencode-server.ts';
import type { OpencodeServer } from './opencode-server.ts';
import { waitForTools, watchServer } from './opencode-watch.ts';
import { createTranscript } from './transcript.ts';
import type { Batch } from './transcript.ts';
import { headOf } from './workspace-head.ts';

export interface OpencodeRuntimeOptions {
  readonly layout: Layout;
  readonly program: string;
  readonly path: string;
  readonly lang: string;
  /** Undefined: agents share the runner's user. */
  readonly users: AgentUsers | undefined;
  readonly access: AgentAccess;
  /** Address of the runner's doors. */
  readonly doorsUrl: string;
  readonly workspaces: Workspaces;
  readonly pushes: Pushes;
  readonly pusherOf: (assignment: Assignment) => Pusher | undefined;
  readonly rigIds: () => readonly string[];
  readonly onChange: () => void;
  readonly sendParts: (agentId: string, epoch: number, beadId: string | undefined, batch: Batch) => Promise<void>;
  readonly isWatched: (agentId: string) => boolean;
  readonly sendDelta: (agentId: string, part: SessionPart) => void;
  /** A turn of the agent begins. */
  readonly onTurnBegins: (agentId: string) => void;
  /** Its model calls are refused because a budget is used up. */
  readonly isOverBudget: (agentId: string) => boolean;
  /** The newest failure of this agent's model calls. */
  readonly modelFailure: (agentId: string) => string | undefined;
  readonly nowMs: () => number;
  readonly log: RunnerLog;
}

type Phase =
  | { readonly kind: 'starting' }
  | {
      readonly kind: 'running';
      readonly server: OpencodeServer;
      readonly client: OpencodeClient;
      readonly conversation: Conversation;
      readonly folder: string;
      readonly events: AbortController;
    }
  | { readonly kind: 'stopping' }
  | {
      readonly kind: 'ended';
      readonly state: 'failed' | 'exited';
      readonly error: NonNullable<ObservedAgent['error']> | undefined;
      readonly dirtyFiles: number | undefined;
    };

const serverStartLimitMs = 60_000;
const crashesAllowed = 3;
const crashWindowMs = 10 * 60_000;
const deltaPeriodMs = 300;
const killGraceMs = 2_000;
/** Failed model calls in a row before a turn ends: about 15 s when nobody answers, about 3 minutes when the endpoint is overloaded. */
const attemptsUnreached = 4;
const attemptsRefused = 8;

const threadOf = (assignment: Assignment): string =>
  assignment.bead === undefined ? `role:${assignment.role}` : `bead:${assignment.chain?.beadId ?? assignment.bead.beadId}`;

/** The machine has no room left: disk, memory or processes. Another bead would not fare better. */
const causeOfStart = (error: unknown): 'capacity' | 'infrastructure' =>
  /ENOSPC|ENOMEM|EAGAIN|EMFILE|ENFILE|EDQUOT|no space left|cannot allocate memory/i.test(messageOf(error)) ? 'capacity' : 'infrastructure';

export const createOpencodeRuntime = (options: OpencodeRuntimeOptions): AgentRuntime => ({
  begin: (assignment) => beginLife(options, assignment),
});

const beginLife = (options: OpencodeRuntimeOptions, first: Assignment): AgentLife => {
  const { layout, log, access, nowMs } = options;
  const { agentId, epoch } = first;
  const home = homeOf(layout.agents, agentId);
  const state = openAgentState(layout.own, agentId);
  const cancelled = new AbortController();
  const finished = new Map<string, RunnerReport['turns'][number]>();
  const crashesAtMs: number[] = [];
  const deltaSentAtMs = new Map<string, number>();
  let assignment = first;
  let user: UnixUser | undefined;
  let workEnvironment: Readonly<Record<string, string>> = {};
  let phase: Phase = { kind: 'starting' };
  const transcript = createTranscript(state, epoch, (batch) => options.sendParts(agentId, epoch, assignment.bead?.beadId, batch));

  const become = (next: Phase): void => {
    phase = next;
    options.onChange();
  };
  const isStopping = (): boolean => cancelled.signal.aborted;
  const killAll = (): Promise<void> => killProcessesOf(layout.own, layout.dataDir, agentId, user);

  const onTurn = ({ promptId, end }: FinishedTurn): void => {
    const text = end.outcome === 'failed' && end.cause === 'model' ? (options.modelFailure(agentId) ?? end.text) : end.text;
    log.info('turn_ended', { agentId, promptId, outcome: end.outcome });
    // A worker whose model cannot be used is given back with that reason; a person who talks to the Mayor is told.
    if (end.outcome === 'failed' && end.cause === 'model' && assignment.role !== 'mayor') {
      fail({ cause: options.isOverBudget(agentId) ? 'budget' : 'model', message: text.slice(0, 1000) });
      return;
    }
    finished.set(promptId, { agentId, epoch, promptId, outcome: end.outcome, text: text.slice(0, 32_000) });
    options.onChange();
  };

  const endServer = async (server: OpencodeServer | undefined): Promise<void> => {
    try {
      await server?.stop(killGraceMs);
      await killAll();
    } catch (error) {
      log.warn('agent_end_failed', { agentId, error: messageOf(error) });
    }
  };

  const fail = (error: NonNullable<ObservedAgent['error']>): void => {
    if (isStopping()) return;
    log.warn('agent_failed', { agentId, epoch, cause: error.cause, error: error.message });
    const running = phase.kind === 'running' ? phase : undefined;
    running?.events.abort();
    access.revoke(agentId);
    const end = (dirtyFiles?: number): void => become({ kind: 'ended', state: 'failed', error, dirtyFiles });
    if (running === undefined || assignment.workspace.kind !== 'branch') {
      end();
      void endServer(running?.server);
      return;
    }
    // Said with its end: whether there is work that was not committed.
    become({ kind: 'stopping' });
    void endServer(running.server)
      .then(() => dirtyFilesIn({ cwd: running.folder, env: workEnvironment, user }))
      .then(end, () => end());
  };

  const startServer = async (folder: string, secret: string, environment: Record<string, string>): Promise<void> => {
    const password = randomBytes(24).toString('base64url');
    const doors = { modelUrl: `${options.doorsUrl}/model`, mcpUrl: `${options.doorsUrl}/mcp`, secret };
    const { config, model } = opencodeConfig(assignment.role, assignment, doors);
    const server = await startOpencode({
      program: options.program,
      cwd: folder,
      env: opencodeEnvironment(environment, password, config),
      user,
      onSpawn: (pid) => recordProcess(layout.own, agentId, pid, user),
      startLimitMs: serverStartLimitMs,
      signal: cancelled.signal,
    });
    const client = createOpencodeClient({ url: server.url, password, directory: folder, model });
    await client.ready();
    await waitForTools(client, isStopping);
    const events = new AbortController();
    const conversation = createConversation({
      client,
      state,
      agentId,
      log,
      nowMs,
      onTurn,
      givesUpAfter: (attempt) =>
        attempt >= (options.modelFailure(agentId)?.includes('cannot be reached') === true ? attemptsUnreached : attemptsRefused),
      title: assignment.bead?.title ?? `${assignment.name} (${assignment.role})`,
      defaultThread: threadOf(assignment),
      goesOn: assignment.chain !== undefined,
      system: () => assignment.systemPrompt,
      beforePrompt: async () => {
        options.onTurnBegins(agentId);
        if (assignment.workspace.kind === 'browse') await options.workspaces.refreshBrowse(home, user, options.rigIds());
      },
      onChange: options.onChange,
      onPart: (partId, part) => transcript.add(partId, part),
      onDelta: (part, partId) => {
        if (!options.isWatched(agentId) || nowMs() - (deltaSentAtMs.get(partId) ?? 0) < deltaPeriodMs) return;
        deltaSentAtMs.set(partId, nowMs());
        options.sendDelta(agentId, { seq: state.value.nextSeq, ...part });
      },
    });
    if (isStopping()) {
      await server.stop(0);
      return;
    }
    become({ kind: 'running', server, client, conversation, folder, events });
    watchServer({ agentId, client, conversation, transcript, log }, events.signal);
    conversation.setPrompts(assignment.prompts);
    void server.exited.then((how) => onServerExit(server, how, () => startServer(folder, secret, environment)));
  };

  const onServerExit = async (server: OpencodeServer, how: string, again: () => Promise<void>): Promise<void> => {
    if (phase.kind !== 'running' || phase.server !== server || isStopping()) return;
    phase.events.abort();
    log.warn('opencode_ended', { agentId, how });
    await killAll();
    crashesAtMs.push(nowMs());
    const recent = crashesAtMs.filter((atMs) => nowMs() - atMs < crashWindowMs);
    if (recent.length > crashesAllowed) {
      fail({ cause: 'infrastructure', message: `Its opencode server ended ${recent.length} times in ten minutes (${how}).` });
      return;
    }
    become({ kind: 'starting' });
    await again().catch((error: unknown) => fail({ cause: 'infrastructure', message: messageOf(error) }));
  };

  const start = async (): Promise<void> => {
    user = options.users === undefined ? undefined : await options.users.claim(agentId, home.folder);
    await killAll();
    prepareHome(home, user);
    const secret = access.grant(assignment);
    writeAgentGit(assignment, home, { url: options.doorsUrl, secret }, user);
    writeToolDoor(home, { url: `${options.doorsUrl}/mcp`, secret, role: assignment.role }, user);
    const environment = agentEnvironment({
      dataDir: layout.dataDir,
      agentId,
      userName: user?.name ?? 'agent',
      home,
      path: options.path,
      lang: options.lang,
      git: identityEnvironment(assignment.commit),
      own: { ...assignment.env, [doorVariable]: toolDoorFile(home) },
    });
    workEnvironment = environment;
    if (isStopping()) return;
    if (assignment.workspace.kind === 'browse') await options.workspaces.refreshBrowse(home, user, options.rigIds());
    const folder = await options.workspaces.prepare({ assignment, home, user, env: environment });
    if (!existsSync(folder)) throw new Error('the workspace was not made');
    const pusher = options.pusherOf(assignment);
    if (pusher !== undefined) await options.pushes.finishInterrupted(pusher);
    if (isStopping()) return;
    await startServer(folder, secret, environment);
  };

  const starting = start().catch((error: unknown) => {
    fail({ cause: error instanceof GitError ? 'git' : causeOfStart(error), message: messageOf(error) });
  });

  return {
    agentId,
    epoch,
    assignment: () => assignment,
    update: (next) => {
      assignment = next;
      access.update(next);
      if (phase.kind === 'running') phase.conversation.setPrompts(next.prompts);
    },
    stop: async (turnGraceMs) => {
      const until = nowMs() + turnGraceMs;
      while (phase.kind === 'running' && phase.conversation.view().busy && nowMs() < until) await sleep(100);
      const running = phase.kind === 'running' ? phase : undefined;
      cancelled.abort();
      running?.events.abort();
      become({ kind: 'stopping' });
      access.revoke(agentId);
      if (running !== undefined) await running.server.stop(killGraceMs);
      await starting;
      await killAll();
      await transcript.flush().catch((error: unknown) => log.warn('transcript_not_sent', { agentId, error: messageOf(error) }));
      closeHome(home, user);
      become({ kind: 'ended', state: 'exited', error: undefined, dirtyFiles: undefined });
    },
    observed: () => {
      if (phase.kind === 'ended')
        return {
          agentId,
          epoch,
          state: phase.state,
          activeTools: [],
          deliveredPromptIds: [],
          ...(phase.error === undefined ? {} : { error: phase.error }),
          ...(phase.dirtyFiles === undefined ? {} : { dirtyFiles: phase.dirtyFiles }),
        };
      if (phase.kind !== 'running')
        return { agentId, epoch, state: phase.kind === 'starting' ? 'starting' : 'waiting', activeTools: [], deliveredPromptIds: [] };
      const view = phase.conversation.view();
      const headSha = assignment.workspace.kind === 'branch' ? headOf(phase.folder) : undefined;
      return {
        agentId,
        epoch,
        state: view.busy ? 'working' : 'waiting',
        lastActivityAtMs: view.lastActivityAtMs,
        activeTools: [...view.activeTools],
        deliveredPromptIds: [...view.delivered],
        ...(view.sessionId === undefined ? {} : { sessionId: view.sessionId }),
        ...(view.statusLine === undefined ? {} : { statusLine: view.statusLine }),
        ...(headSha === undefined ? {} : { headSha }),
      };
    },
    turns: () => [...finished.values()],
    turnsReported: (promptIds) => {
      for (const promptId of promptIds) finished.delete(promptId);
    },
  };
};
