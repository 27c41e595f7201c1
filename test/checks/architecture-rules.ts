// Who may import whom. architecture.test.ts checks the project by these rules and plants a violation of each, expecting red.
import type { ICruiseOptions, IForbiddenRuleType } from 'dependency-cruiser';

const only = (from: string, allowed: string, comment: string): IForbiddenRuleType => ({
  name: `${from.replaceAll(/[^a-z]+/g, '-').replaceAll(/^-|-$/g, '')}-imports-its-own`,
  comment,
  severity: 'error',
  from: { path: from, pathNot: '\\.test\\.ts$' },
  to: { pathNot: allowed },
});
const external = 'node_modules|^(node:)?[a-z_/]+$';

export const forbidden: IForbiddenRuleType[] = [
  {
    name: 'no-cycles',
    severity: 'error',
    comment: 'Two modules that need each other are one module, or need a third.',
    from: {},
    to: { circular: true },
  },
  only('^functions/contracts/', '^functions/contracts/|node_modules/zod', 'Contracts import zod and nothing else.'),
  only(
    '^functions/domain/',
    '^functions/(contracts|domain)/|^functions/ports\\.ts$|node_modules/zod',
    'Rules import contracts and the types of the ports; no clock, no network, no library.',
  ),
  {
    name: 'domain-uses-types-of-ports',
    severity: 'error',
    comment: 'The domain may name a port type, never call a port.',
    from: { path: '^functions/domain/', pathNot: '\\.test\\.ts$' },
    to: { path: '^functions/ports\\.ts$', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'domain-without-node',
    severity: 'error',
    comment: 'No clock, random, files or network in rules.',
    from: { path: '^functions/domain/', pathNot: '\\.test\\.ts$' },
    to: { dependencyTypes: ['core'] },
  },
  only(
    '^container/',
    `^container/|^functions/contracts/|${external}`,
    'The runner knows contracts only: it is deployed apart from the control plane.',
  ),
  only('^web/', `^web/|^functions/contracts/|${external}`, 'The dashboard knows contracts only.'),
  {
    name: 'functions-without-infra',
    severity: 'error',
    comment: 'Handlers do not know how they are deployed.',
    from: { path: '^functions/' },
    to: { path: '^(infra|container|web)/' },
  },
  {
    name: 'aws-infra-refers-by-path',
    severity: 'error',
    comment: 'The CDK app names handlers by entry path; it may read contracts and the table definition.',
    from: { path: '^infra/aws/' },
    to: { path: '^(functions/(?!contracts/|adapters/dynamodb/table)|container|web|infra/local)' },
  },
  {
    name: 'local-infra-without-aws',
    severity: 'error',
    comment: 'One machine needs no CDK.',
    from: { path: '^infra/local/' },
    to: { path: '^(infra/aws|web)/|node_modules/(aws-cdk-lib|constructs|cdk-nag)' },
  },
  {
    name: 'product-without-tests',
    severity: 'error',
    comment: 'What ships does not import tests.',
    from: { path: '^(functions|infra|container|web)/', pathNot: '\\.test\\.ts$' },
    to: { path: '^test/' },
  },
];

export const options: ICruiseOptions = {
  parser: 'swc',
  tsPreCompilationDeps: true,
  doNotFollow: { path: 'node_modules' },
  exclude: { path: '(^|/)(dist|cdk\\.out|\\.gastown)/' },
  enhancedResolveOptions: {
    extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
    conditionNames: ['import', 'node', 'default'],
    exportsFields: ['exports'],
  },
};
