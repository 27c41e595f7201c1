// What an agent's opencode server is told at its start: model provider and tools behind the runner's own doors, nothing that waits for a click,
// nothing that phones home, and nothing from the repository.
import { markOf, processMark } from '../process/process-records.ts';
import type { AgentRole } from '../../../functions/contracts/agent.schema.ts';
import type { ModelRoute } from '../../../functions/contracts/model.schema.ts';
import type { AgentHome } from './agent-home.ts';

/** Name of the agent profile inside opencode; every prompt is posted to it. */
export const profileName = 'gastown';
/** opencode names tools `<server>_<tool>`; the proxy cuts `gt_` from the names it lists, so the model sees `gt_done`. */
export const toolServerName = 'gt';

export interface ModelAccess {
  /** Loopback addresses of the runner's doors. */
  readonly modelUrl: string;
  readonly mcpUrl: string;
  /** Opens the doors for this agent only; it is all that the agent holds. */
  readonly secret: string;
}

interface Provider {
  readonly providerId: string;
  readonly modelId: string;
  readonly provider: Record<string, unknown>;
}

/** The provider block of a route. The address is always the runner's proxy, the key always the agent's own secret. */
export const providerOf = (route: ModelRoute, access: ModelAccess, smallModel?: string): Provider => {
  const options = { apiKey: access.secret, timeout: false };
  const names = (model: string): string[] => [...new Set([model, smallModel ?? model])];
  const openai = (model: string): Provider => ({
    providerId: 'gastown',
    modelId: model,
    provider: {
      gastown: {
        name: 'Gastown',
        npm: '@ai-sdk/openai-compatible',
        options: { ...options, baseURL: `${access.modelUrl}/chat` },
        models: Object.fromEntries(
          names(model).map((name) => [name, { name, tool_call: true, limit: { context: 200_000, output: 32_000 } }]),
        ),
      },
    },
  });
  switch (route.kind) {
    case 'scripted':
      return openai('scripted');
    case 'openai-compatible':
      return openai(route.model);
    case 'bedrock':
      return {
        providerId: 'amazon-bedrock',
        modelId: route.model,
        provider: {
          'amazon-bedrock': {
            options: { ...options, region: route.region ?? 'us-east-1', endpoint: `${access.modelUrl}/bedrock` },
            models: Object.fromEntries(names(route.model).map((name) => [name, {}])),
          },
        },
      };
    case 'opencode-provider':
      return {
        providerId: route.provider,
        modelId: route.model,
        provider: {
          [route.provider]: {
            options: { ...options, baseURL: `${access.modelUrl}/provider` },
            models: Object.fromEntries(names(route.model).map((name) => [name, {}])),
          },
        },
      };
    default:
      return route satisfies never;
  }
};

const permissionsOf = (role: AgentRole): Record<string, string> => ({
  '*': 'allow',
  external_directory: 'allow',
  doom_loop: 'allow',
  question: 'deny',
  // A Mayor and a refinery look and decide; their files are not theirs to change.
  ...(role === 'mayor' || role === 'refinery' || role === 'triage' ? { edit: 'deny' } : {}),
  // Triage decides by what the town tells it.
  ...(role === 'triage' ? { bash: 'deny' } : {}),
});

export interface OpencodeConfig {
  /** JSON text for OPENCODE_CONFIG_CONTENT. */
  readonly config: string;
  /** The model as opencode names it. */
  readonly model: { readonly providerID: string; readonly modelID: string };
}
/** What an assignment says about its agent's models. */
export interface AgentModels {
  readonly model: ModelRoute;
  readonly smallModel?: string | undefined;
}
export const opencodeConfig = (role: AgentRole, models: AgentModels, access: ModelAccess): OpencodeConfig => {
  const { providerId, modelId, provider } = providerOf(models.model, access, models.smallModel);
  const config = JSON.stringify({
    $schema: 'https://opencode.ai/config.json',
    share: 'disabled',
    autoupdate: false,
    snapshot: false,
    lsp: false,
    formatter: false,
    plugin: [],
    instructions: [],
    model: `${providerId}/${modelId}`,
    small_model: `${providerId}/${models.smallModel ?? modelId}`,
    enabled_providers: [providerId],
    provider,
    permission: permissionsOf(role),
    default_agent: profileName,
    agent: {
      [profileName]: {
        mode: 'primary',
        description: 'An agent of the town',
        prompt: 'You are an agent of a Gastown town. Follow the instructions below.',
        permission: permissionsOf(role),
      },
    },
    mcp: {
      [toolServerName]: {
        type: 'remote',
        url: access.mcpUrl,
        enabled: true,
        oauth: false,
        timeout: 60_000,
        headers: { Authorization: `Bearer ${access.secret}` },
      },
    },
  });
  return { config, model: { providerID: providerId, modelID: modelId } };
};

export interface AgentEnvironmentInput {
  readonly dataDir: string;
  readonly agentId: string;
  readonly userName: string;
  readonly home: AgentHome;
  readonly path: string;
  readonly lang: string;
  /** Author and committer of the commits of this assignment. */
  readonly git: Readonly<Record<string, string>>;
  /** Variables of the town and the rig; what the runner sets itself comes first. */
  readonly own: Readonly<Record<string, string>>;
}

/** The whole environment of an agent's processes: nothing of the runner's own gets in. */
export const agentEnvironment = (input: AgentEnvironmentInput): Record<string, string> => ({
  ...input.own,
  PATH: input.path,
  LANG: input.lang,
  TERM: 'dumb',
  SHELL: '/bin/bash',
  CI: '1',
  USER: input.userName,
  LOGNAME: input.userName,
  HOME: input.home.home,
  TMPDIR: input.home.temp,
  XDG_CONFIG_HOME: `${input.home.home}/config`,
  XDG_DATA_HOME: `${input.home.home}/data`,
  XDG_STATE_HOME: `${input.home.home}/state`,
  XDG_CACHE_HOME: `${input.home.home}/cache`,
  GIT_CONFIG_GLOBAL: `${input.home.etc}/gitconfig`,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_EDITOR: 'true',
  GIT_PAGER: 'cat',
  PAGER: 'cat',
  ...input.git,
  [processMark]: markOf(input.dataDir, input.agentId),
});

export const opencodeEnvironment = (base: Record<string, string>, password: string, config: string): Record<string, string> => ({
  ...base,
  OPENCODE_SERVER_PASSWORD: password,
  OPENCODE_CONFIG_CONTENT: config,
  OPENCODE_DISABLE_PROJECT_CONFIG: '1',
  OPENCODE_DISABLE_MODELS_FETCH: '1',
  OPENCODE_DISABLE_AUTOUPDATE: '1',
  OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
  OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
  OPENCODE_DISABLE_CLAUDE_CODE: '1',
  OPENCODE_DISABLE_EXTERNAL_SKILLS: '1',
  OPENCODE_DISABLE_SHARE: '1',
  OPENCODE_DISABLE_TERMINAL_TITLE: '1',
  OPENCODE_DISABLE_EMBEDDED_WEB_UI: '1',
});
