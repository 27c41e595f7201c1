// The one way to accept a finding of cdk-nag: at the construct that causes it, with the reason.
import { CfnElement, Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** `reasons`: finding id (with its `[...]` part, where it has one) → why it is right here. */
export const acknowledge = (scope: IConstruct, reasons: Readonly<Record<string, string>>): void => {
  Validations.of(scope).acknowledge(...Object.entries(reasons).map(([id, reason]) => ({ id, reason })));
};

/** How a finding names a resource of the stack: by its logical id. */
export const nameInFindings = (resource: IConstruct): string => {
  const element = resource.node.defaultChild;
  if (!CfnElement.isCfnElement(element)) throw new Error(`${resource.node.path} is no resource`);
  return String(Stack.of(resource).resolve(element.logicalId));
};
