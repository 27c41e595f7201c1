// The CDK app. Run by the cdk command (see cdk.json); `-c options=path` names another options file.
import { fileURLToPath } from 'node:url';
import { App, Validations } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';
import { bundleFunctions } from './bundle.ts';
import { addDeployment } from './deployment.ts';
import { featureFlags } from './feature-flags.ts';
import { everyFunction, missingEntries } from './functions.ts';
import { readOptions } from './options.ts';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const missing = missingEntries(root);
if (missing.length > 0)
  throw new Error(`These functions of infra/aws/functions.ts have no file:\n${missing.map((entry) => `  ${entry}`).join('\n')}`);

const app = new App({ postCliContext: featureFlags });
const named: unknown = app.node.tryGetContext('options');
const code = Code.fromAsset(
  bundleFunctions(
    root,
    Object.entries(everyFunction(root)).map(([name, { entry }]) => ({ name, entry })),
  ),
);
addDeployment(app, readOptions(typeof named === 'string' ? named : `${root}/gastown.deploy.json`), code);
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
