// Settings about models and what agents find in their environment.
import {
  modelProviderSchema,
  modelRouteSchema,
  storedModelProviderSchema,
  storedModelRouteSchema,
  viewModelProviderSchema,
  viewModelRouteSchema,
} from '../model.schema.ts';
import { envInputSchema, envViewSchema, storedEnvSchema } from './environment.ts';
import { plain, sealed } from './setting.ts';
import { lineSchema } from '../primitives.schema.ts';

const route = { input: modelRouteSchema, stored: storedModelRouteSchema, view: viewModelRouteSchema };
const readBy = 'functions/domain/model-choice.ts';

export const modelSettings = {
  'models.default': sealed(route, {
    default: undefined,
    scopes: ['bead', 'rig', 'town'],
    readBy,
    sentence:
      'The model of every role that has none of its own; a new town starts with Amazon Bedrock, or with the scripted model on one machine.',
  }),
  'models.mayor': sealed(route, { default: undefined, scopes: ['town'], readBy, sentence: "The Mayor's model." }),
  'models.polecat': sealed(route, {
    default: undefined,
    scopes: ['bead', 'persona', 'rig', 'town'],
    readBy,
    sentence: 'The model of the workers.',
  }),
  'models.refinery': sealed(route, { default: undefined, scopes: ['rig', 'town'], readBy, sentence: 'The model of the reviewers.' }),
  'models.triage': sealed(route, { default: undefined, scopes: ['town'], readBy, sentence: 'The model that decides ambiguous cases.' }),
  'models.small': plain(lineSchema.min(1).max(200), {
    default: undefined,
    scopes: ['bead', 'rig', 'town'],
    readBy,
    sentence: "Name of a cheaper model at the same provider for small steps such as titles; without it the role's own model does them.",
  }),
  'models.provider': sealed(
    { input: modelProviderSchema, stored: storedModelProviderSchema, view: viewModelProviderSchema },
    {
      default: { kind: 'bedrock' },
      scopes: ['town', 'organisation'],
      readBy,
      sentence: 'Where models that name no provider of their own are called, with the key for it.',
    },
  ),
  env: sealed(
    { input: envInputSchema, stored: storedEnvSchema, view: envViewSchema },
    {
      default: [],
      scopes: ['rig', 'town'],
      readBy: 'functions/domain/agent-environment.ts',
      sentence: 'Variables in the environment of the agents. Agents can read all of them, secret ones too.',
    },
  ),
} as const;
