// Settings about money, the runtime, the network, notifications, people and what is kept.
import { z } from 'zod';
import { lineSchema } from '../primitives.schema.ts';
import { channelsInputSchema, channelsViewSchema, storedChannelsSchema } from './notify.ts';
import { plain, sealed } from './setting.ts';

const usd = z.number().min(0).max(1_000_000);
const days = z.int().min(1).max(3650);
const budgets = 'functions/domain/spending/budgets.ts';
const outsideIssues = 'issues of a git host are not taken in yet';
const taskSize = 'the size of the runtime is fixed when the product is deployed';

export const budgetSettings = {
  'budget.dayUsd': plain(usd, {
    default: 50,
    scopes: ['town', 'organisation'],
    readBy: budgets,
    sentence: 'US dollars that a town may spend in a day (UTC).',
  }),
  'budget.rigDayUsd': plain(usd, {
    default: undefined,
    scopes: ['rig', 'town', 'organisation'],
    readBy: budgets,
    sentence: 'US dollars that one rig may spend in a day.',
  }),
  'budget.convoyUsd': plain(usd, {
    default: undefined,
    scopes: ['convoy', 'rig', 'town', 'organisation'],
    readBy: budgets,
    sentence: 'US dollars that one convoy may spend.',
  }),
  'budget.beadUsd': plain(usd, {
    default: 10,
    scopes: ['bead', 'convoy', 'rig', 'town', 'organisation'],
    readBy: budgets,
    sentence: 'US dollars that one bead may spend.',
  }),
  'budget.dayTokens': plain(z.int().min(1), {
    default: 50_000_000,
    scopes: ['town', 'organisation'],
    readBy: budgets,
    sentence: 'Tokens of all models together that a town may use in a day; holds whatever the tokens cost.',
  }),
  'budget.unknownPriceUsdPerMTok': plain(usd, {
    default: 30,
    scopes: ['town', 'organisation'],
    readBy: budgets,
    sentence: 'US dollars for a million tokens of a model whose price is unknown.',
  }),
} as const;

export const runtimeSettings = {
  'runtime.size': plain(z.enum(['1-4', '2-8', '4-16', '8-32']), {
    default: '2-8',
    scopes: ['town'],
    waitsFor: taskSize,
    sentence: 'Processors and GB of memory of the runtime.',
  }),
  'runtime.diskGb': plain(z.int().min(20).max(200), {
    default: 40,
    scopes: ['town'],
    waitsFor: taskSize,
    sentence: 'Disk of the runtime in GB.',
  }),
  'runtime.spot': plain(z.boolean(), {
    default: false,
    scopes: ['town'],
    waitsFor: taskSize,
    sentence: 'Whether the runtime uses spare capacity that the cloud may take back.',
  }),
  'runtime.maxHoursPerDay': plain(z.int().min(1).max(24), {
    default: 24,
    scopes: ['town'],
    readBy: 'functions/domain/plan/hours.ts',
    sentence: 'Hours of a day (UTC) in which the runtime may run.',
  }),
  'runtime.isolation': plain(z.enum(['agent', 'none']), {
    default: 'agent',
    scopes: ['town'],
    waitsFor: 'the isolation of agents is chosen by the machine on which they run',
    sentence: 'Whether each agent has a system user of its own.',
  }),
  'runtime.idleMinutes': plain(z.int().min(1).max(240), {
    default: 5,
    scopes: ['town'],
    readBy: 'functions/domain/plan/runtime.ts',
    sentence: 'Minutes without work after which the runtime is stopped.',
  }),
  'runtime.prewarm': plain(z.boolean(), {
    default: false,
    scopes: ['town'],
    waitsFor: 'nobody tells the town yet that a person types to the Mayor',
    sentence: 'Whether the runtime starts as soon as somebody types to the Mayor.',
  }),
  'network.egress': plain(z.enum(['open', 'guided', 'enforced']), {
    default: 'guided',
    scopes: ['town', 'organisation'],
    waitsFor: 'the network of the runtime is decided when the product is deployed',
    sentence: 'How far agents reach into the network.',
  }),
  'network.allow': plain(
    z.array(z.string().regex(/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'a host name such as registry.npmjs.org')).max(100),
    {
      default: [],
      scopes: ['town', 'organisation'],
      waitsFor: 'the network of the runtime is decided when the product is deployed',
      sentence: 'Hosts that agents may reach beside package registries and the git hosts.',
    },
  ),
} as const;

export const peopleSettings = {
  'intake.label': plain(lineSchema.min(1).max(80), {
    default: 'gastown',
    scopes: ['rig'],
    waitsFor: outsideIssues,
    sentence: 'Label that makes an issue of the git host a bead.',
  }),
  'intake.watchOpened': plain(z.boolean(), {
    default: false,
    scopes: ['rig'],
    waitsFor: outsideIssues,
    sentence: 'Whether every new issue of the git host becomes a bead.',
  }),
  'intake.trusted': plain(z.array(lineSchema.min(1).max(100)).max(100), {
    default: [],
    scopes: ['rig'],
    waitsFor: outsideIssues,
    sentence: 'People of the git host whose issues are worked without asking, beside those with write access.',
  }),
  'notify.channels': sealed(
    { input: channelsInputSchema, stored: storedChannelsSchema, view: channelsViewSchema },
    {
      default: [{ kind: 'ui' }],
      scopes: ['town', 'organisation'],
      readBy: 'functions/domain/notifications.ts',
      sentence: 'Where people hear of an escalation: every channel of a critical one, those without `only` of a high one.',
    },
  ),
  'escalation.reescalateHours': plain(z.int().min(1).max(168), {
    default: 4,
    scopes: ['town', 'organisation'],
    readBy: 'functions/domain/escalations.ts',
    sentence: 'Hours after which an escalation that nobody has acknowledged becomes more severe.',
  }),
  'escalation.max': plain(z.int().min(0).max(10), {
    default: 3,
    scopes: ['town', 'organisation'],
    readBy: 'functions/domain/escalations.ts',
    sentence: 'How often an escalation becomes more severe at most.',
  }),
  'identity.authorName': plain(lineSchema.min(1).max(120), {
    default: undefined,
    scopes: ['user', 'town'],
    mayChange: 'self',
    readBy: 'functions/domain/commit-identity.ts',
    sentence: 'Name on the commits of the work that a person asked for; without it the name of the person.',
  }),
  'identity.authorEmail': plain(z.email().max(200), {
    default: undefined,
    scopes: ['user', 'town'],
    mayChange: 'self',
    readBy: 'functions/domain/commit-identity.ts',
    sentence: "E-mail address on those commits; without it the person's no-reply address.",
  }),
  'identity.disableCoAuthor': plain(z.boolean(), {
    default: false,
    scopes: ['user', 'town'],
    mayChange: 'self',
    readBy: 'functions/domain/commit-identity.ts',
    sentence: 'Whether the agent is left out of the co-authors of a commit.',
  }),
  'retention.eventsDays': plain(days, {
    default: 400,
    scopes: ['town', 'organisation'],
    readBy: 'functions/domain/retention.ts',
    sentence:
      'Days that events are kept. A longer time holds for what is written from then on; a shorter one reaches older events within the next nights.',
  }),
  'retention.transcriptsDays': plain(days, {
    default: 180,
    scopes: ['town', 'organisation'],
    readBy: 'functions/domain/retention.ts',
    sentence:
      'Days that conversations of agents are kept. A longer time holds for what is written from then on; a shorter one reaches older ones within the next nights.',
  }),
  'retention.terminalDays': plain(days, {
    default: 30,
    scopes: ['town', 'organisation'],
    waitsFor: 'terminals are not recorded yet',
    sentence: 'Days that what terminals showed is kept.',
  }),
  'bugReports.destination': plain(z.union([z.literal('off'), z.url({ protocol: /^https$/ }).max(500)]), {
    default: 'off',
    scopes: ['organisation'],
    waitsFor: 'agents cannot report bugs yet',
    sentence: 'Repository in which agents report bugs of this product, redacted.',
  }),
} as const;
