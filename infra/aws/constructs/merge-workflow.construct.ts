// The durable workflows: the same ASL files that run locally, with their task names replaced by functions.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import type { GastownFunction } from './gastown-function.construct.ts';

export const machineNames = ['merge', 'train'] as const;
export type MachineFile = (typeof machineNames)[number];
const pathOf = (machine: MachineFile): string => fileURLToPath(new URL(`../../../statemachines/${machine}.asl.json`, import.meta.url));
/** Names between `${` and `}` in a definition. */
export const substitutionsIn = (definition: string): readonly string[] =>
  [...new Set([...definition.matchAll(/\$\{([A-Za-z0-9_]+)\}/g)].map((match) => match[1] ?? ''))].toSorted();
export const definitionOf = (machine: MachineFile): string => readFileSync(pathOf(machine), 'utf8');

/** A definition names a task that no function stands for. The message names both; add it to the function table. */
export class SubstitutionMissing extends Error {
  override readonly name = 'SubstitutionMissing';
}

export interface MergeWorkflowProps {
  readonly deploymentName: string;
  /** Functions by the name that the definitions use for their ARN. */
  readonly tasks: Readonly<Record<string, GastownFunction>>;
  readonly logRetentionDays: number;
}

export class MergeWorkflow extends Construct {
  readonly machines: Readonly<Record<MachineFile, StateMachine>>;
  private readonly deploymentName: string;

  constructor(scope: Construct, id: string, props: MergeWorkflowProps) {
    super(scope, id);
    this.deploymentName = props.deploymentName;
    this.machines = { merge: this.machine('merge', props), train: this.machine('train', props) };
  }

  private machine(machine: MachineFile, props: MergeWorkflowProps): StateMachine {
    const names = substitutionsIn(definitionOf(machine));
    const tasks = names.map((name) => {
      const task = props.tasks[name];
      if (task === undefined)
        throw new SubstitutionMissing(`statemachines/${machine}.asl.json names \${${name}}, and no function of the table stands for it`);
      return { name, arn: task.lambda.functionArn };
    });
    const logs = new LogGroup(this, `${machine}Logs`, {
      logGroupName: `/aws/vendedlogs/states/${props.deploymentName}-${machine}`,
      retention: props.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(this, `${machine}Role`, {
      assumedBy: new ServicePrincipal('states.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } } }),
      description: `Of the state machine ${props.deploymentName}-${machine}`,
    });
    // A definition from a file gives no permissions by itself.
    if (tasks.length > 0)
      role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: tasks.map(({ arn }) => arn) }));
    const made = new StateMachine(this, machine, {
      stateMachineName: `${props.deploymentName}-${machine}`,
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromFile(pathOf(machine)),
      definitionSubstitutions: Object.fromEntries(tasks.map(({ name, arn }) => [name, arn])),
      role,
      tracingEnabled: true,
      logs: { destination: logs, level: LogLevel.ALL, includeExecutionData: false },
    });
    acknowledge(role, { 'AwsSolutions-IAM5[Resource::*]': 'X-Ray and the delivery of Step Functions logs have no resources to name.' });
    return made;
  }

  /** Made from the names, not from the machines: tasks of a machine settle its tokens, and may not depend on the machine that depends on them. */
  private arn(kind: 'stateMachine' | 'execution', machine: MachineFile): string {
    return `arn:${Aws.PARTITION}:states:${Aws.REGION}:${Aws.ACCOUNT_ID}:${kind}:${this.deploymentName}-${machine}${kind === 'execution' ? ':*' : ''}`;
  }

  /** Starts, describes and settles. Task tokens are unguessable and Step Functions ties them to no resource but the machine. */
  grantDrive(fn: GastownFunction): void {
    fn.allow(
      ['states:StartExecution', 'states:SendTaskSuccess', 'states:SendTaskFailure', 'states:SendTaskHeartbeat'],
      machineNames.map((machine) => this.arn('stateMachine', machine)),
    );
    fn.allow(
      ['states:DescribeExecution', 'states:StopExecution'],
      machineNames.map((machine) => this.arn('execution', machine)),
    );
    fn.set({ GASTOWN_MERGE_MACHINE_ARN: this.arn('stateMachine', 'merge'), GASTOWN_TRAIN_MACHINE_ARN: this.arn('stateMachine', 'train') });
    fn.acceptWildcards(
      Object.fromEntries(
        machineNames.map((machine) => [
          `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:${this.deploymentName}-${machine}:*]`,
          'Executions are made at run time; only those of this machine.',
        ]),
      ),
    );
  }
}
