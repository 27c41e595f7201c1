// The one way to accept a finding of cdk-nag: at the construct that causes it, with the reason.
import { Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** `reasons`: finding id (with its `[...]` part, where it has one) → why it is right here. */
export const acknowledge = (scope: IConstruct, reasons: Readonly<Record<string, string>>): void => {
  Validations.of(scope).acknowledge(...Object.entries(reasons).map(([id, reason]) => ({ id, reason })));
};
