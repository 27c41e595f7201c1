// A model route while it is being edited: every field as text, and what it becomes. Pure.
import { modelRouteSchema } from '../../../functions/contracts/model.schema.ts';
import type { ModelRouteView } from '../../../functions/contracts/model.schema.ts';

export const modelKinds = ['scripted', 'openai-compatible', 'bedrock', 'opencode-provider', 'provider'] as const;
export type ModelKind = (typeof modelKinds)[number];
export const modelKindWord: Readonly<Record<ModelKind, string>> = {
  scripted: 'Demo (scripted, no key)',
  'openai-compatible': 'OpenAI-compatible endpoint',
  bedrock: 'Amazon Bedrock',
  'opencode-provider': 'Provider by name',
  provider: 'Provider of the town or organisation',
};

export interface ModelDraft {
  readonly kind: ModelKind;
  readonly baseUrl: string;
  readonly provider: string;
  readonly model: string;
  readonly region: string;
  /** A masked key stands for the stored one until something else is typed. */
  readonly apiKey: string;
}

export const draftOf = (route: ModelRouteView): ModelDraft => ({
  kind: route.kind,
  baseUrl: route.kind === 'openai-compatible' ? route.baseUrl : '',
  provider: route.kind === 'opencode-provider' ? route.provider : 'anthropic',
  model: route.kind === 'scripted' ? '' : route.model,
  region: route.kind === 'bedrock' ? (route.region ?? '') : '',
  apiKey: route.kind === 'openai-compatible' || route.kind === 'opencode-provider' ? (route.apiKey ?? '') : '',
});

export const isMasked = (key: string): boolean => key.startsWith('****');

export type DraftResult =
  | { readonly ok: true; readonly route: ModelRouteView }
  | { readonly ok: false; readonly errors: ReadonlyMap<keyof ModelDraft, string> };

const candidateOf = (draft: ModelDraft): unknown => {
  const key = draft.apiKey.trim() === '' ? {} : { apiKey: draft.apiKey.trim() };
  switch (draft.kind) {
    case 'scripted':
      return { kind: draft.kind };
    case 'provider':
      return { kind: draft.kind, model: draft.model.trim() };
    case 'openai-compatible':
      return { kind: draft.kind, baseUrl: draft.baseUrl.trim(), model: draft.model.trim(), ...key };
    case 'bedrock':
      return { kind: draft.kind, model: draft.model.trim(), ...(draft.region.trim() === '' ? {} : { region: draft.region.trim() }) };
    case 'opencode-provider':
      return { kind: draft.kind, provider: draft.provider.trim(), model: draft.model.trim(), ...key };
    default:
      return draft.kind satisfies never;
  }
};
const sentences: Partial<Record<keyof ModelDraft, string>> = {
  baseUrl: 'Give the address up to and including /v1, for example https://models.example.com/v1.',
  model: 'Name the model.',
  provider: 'Lower-case letters, digits and dashes, for example anthropic.',
};
const isField = (name: unknown): name is keyof ModelDraft =>
  typeof name === 'string' && ['kind', 'baseUrl', 'provider', 'model', 'region', 'apiKey'].includes(name);

/** Checked by the contract's own schema, so that what is refused here is what the server would refuse. */
export const routeOf = (draft: ModelDraft): DraftResult => {
  const parsed = modelRouteSchema.safeParse(candidateOf(draft));
  if (parsed.success) return { ok: true, route: parsed.data };
  const errors = new Map<keyof ModelDraft, string>();
  for (const issue of parsed.error.issues) {
    const field = issue.path[0];
    if (isField(field) && !errors.has(field)) errors.set(field, sentences[field] ?? issue.message);
  }
  return { ok: false, errors };
};
