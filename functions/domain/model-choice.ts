// Which model an agent uses: for each scope from the narrowest, the role's own, else the default; then where it is called. Pure.
import type { AgentRole } from '../contracts/agent.schema.ts';
import type { ResolvedModelRoute, StoredModelProvider, StoredModelRoute } from '../contracts/model.schema.ts';
import { rowOf, settingScopes } from '../contracts/settings.schema.ts';
import { withKeyOf } from './secret-settings.ts';
import type { RouteKey } from './secret-settings.ts';
import { effective } from './settings.ts';
import type { Scopes } from './settings.ts';

/** Default of deployments whose models come from Amazon Bedrock: a Claude inference profile that works in every commercial region. */
const bedrockModel = 'global.anthropic.claude-sonnet-4-5-20250929-v1:0';
/** What a new town starts with; the scripted model needs no key and plays every role on one machine. */
export const firstModel = (kind: 'scripted' | 'bedrock'): StoredModelRoute =>
  kind === 'scripted' ? { kind: 'scripted' } : { kind: 'bedrock', model: bedrockModel };

const keyOfRole: Readonly<Record<AgentRole, RouteKey>> = {
  mayor: 'models.mayor',
  polecat: 'models.polecat',
  refinery: 'models.refinery',
  triage: 'models.triage',
  crew: 'models.default',
};

const said = (key: RouteKey, scopes: Scopes, scope: (typeof settingScopes)[number]): StoredModelRoute | undefined =>
  rowOf(key).scopes.includes(scope) ? scopes[scope]?.[key] : undefined;

const chosen = (role: AgentRole, scopes: Scopes): StoredModelRoute => {
  for (const scope of settingScopes) {
    const route = said(keyOfRole[role], scopes, scope) ?? said('models.default', scopes, scope);
    if (route !== undefined) return route;
  }
  return firstModel('bedrock');
};

const atProvider = (model: string, provider: StoredModelProvider): ResolvedModelRoute => {
  switch (provider.kind) {
    case 'openai-compatible':
    case 'opencode-provider':
    case 'bedrock':
      return { ...provider, model };
    default:
      return provider satisfies never;
  }
};

const resolved = (role: AgentRole, scopes: Scopes): ResolvedModelRoute => {
  const route = chosen(role, scopes);
  return route.kind === 'provider' ? atProvider(route.model, effective('models.provider', scopes)) : route;
};

/** The model of a role, with the provider that it is called at. Beads and personas bring no key: they have that of the rig or town for the same place. */
export const modelOf = (role: AgentRole, scopes: Scopes): ResolvedModelRoute => {
  const route = resolved(role, scopes);
  const { bead, persona, ...wider } = scopes;
  return bead === undefined && persona === undefined ? route : withKeyOf(route, resolved(role, wider));
};
/** Name of the model for small steps; undefined: the role's own. */
export const smallModelOf = (scopes: Scopes): string | undefined => effective('models.small', scopes);
