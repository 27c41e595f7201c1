// Behaviour of the CDK that its authors recommend for a new app; in code, so that tests and the command line make the same templates.
import recommended from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };

export const featureFlags: Readonly<Record<string, unknown>> = {
  ...recommended,
  '@aws-cdk/core:target-partitions': ['aws'],
  // Exports and imports: CloudFormation itself refuses to remove what another stack still uses.
  '@aws-cdk/core:defaultCrossStackReferences': 'strong',
};
