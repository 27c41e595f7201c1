// The control plane: APIs, functions, queue, alarm, workflows. Composes constructs and says which function may use what.
import { fileURLToPath } from 'node:url';
import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import type { StackProps } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { defaultTimings } from '../../../functions/contracts/timings.schema.ts';
import { GastownFunction } from '../constructs/gastown-function.construct.ts';
import type { CommonEnvironment } from '../constructs/gastown-function.construct.ts';
import { MergeWorkflow, machineNames } from '../constructs/merge-workflow.construct.ts';
import { ReconcileQueue } from '../constructs/reconcile-queue.construct.ts';
import { RestApi } from '../constructs/rest-api.construct.ts';
import { StoreStream } from '../constructs/store-stream.construct.ts';
import { TownAlarm } from '../constructs/town-alarm.construct.ts';
import { WebSocketApi } from '../constructs/websocket-api.construct.ts';
import { apiFunctions, backgroundFunctions, taskFunctions, taskSubstitution } from '../functions.ts';
import type { BackgroundFunction, FunctionSpec, Need } from '../functions.ts';
import { deploymentName } from '../options.ts';
import type { DeploymentOptions } from '../options.ts';
import { runtimeUsdPerHour } from '../runtime-price.ts';
import type { DataStack } from './data.stack.ts';
import type { RuntimeStack } from './runtime.stack.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

export interface ControlStackProps extends StackProps {
  readonly options: DeploymentOptions;
  readonly data: DataStack;
  readonly towns: RuntimeStack;
  /** All functions, bundled. */
  readonly code: Code;
}
type Made<K extends string> = Readonly<Record<K, GastownFunction>>;

/** Every invariant of every town is looked at once a day. */
/** Hourly: a round through all towns begins once a day, and goes on where time has run out. */
const auditPeriodMinutes = 60;

export class ControlStack extends Stack {
  readonly restApi: RestApi;
  readonly liveApi: WebSocketApi;
  readonly queue: ReconcileQueue;
  readonly alarm: TownAlarm;
  readonly workflow: MergeWorkflow;
  readonly stream: StoreStream;
  readonly background: Made<BackgroundFunction>;
  /** All functions by name. */
  readonly functions: ReadonlyMap<string, GastownFunction>;
  private readonly common: CommonEnvironment;

  constructor(scope: Construct, id: string, { options, data, towns, code, ...props }: ControlStackProps) {
    super(scope, id, props);
    const name = deploymentName(options);
    const { logRetentionDays, apiRate: rate } = options;
    this.restApi = new RestApi(this, 'RestApi', { deploymentName: name, logRetentionDays, rate });
    this.liveApi = new WebSocketApi(this, 'WebSocketApi', { deploymentName: name, logRetentionDays, rate });
    this.queue = new ReconcileQueue(this, 'ReconcileQueue', {
      deploymentName: name,
      consumerTimeoutSeconds: backgroundFunctions.reconcile.timeoutSeconds,
    });
    this.alarm = new TownAlarm(this, 'TownAlarm', {
      deploymentName: name,
      consumerTimeoutSeconds: backgroundFunctions.wake.timeoutSeconds,
    });
    this.common = {
      code,
      deploymentName: name,
      apiUrl: this.restApi.url,
      wsUrl: this.liveApi.url,
      logRetentionDays,
      runtimeUsdPerHour: runtimeUsdPerHour(options),
    };
    const api = this.make('api-', apiFunctions);
    this.background = this.make('', backgroundFunctions);
    const tasks = this.make('merge-', taskFunctions(root));
    this.workflow = new MergeWorkflow(this, 'MergeWorkflow', {
      deploymentName: name,
      logRetentionDays,
      tasks: Object.fromEntries(Object.entries(tasks).map(([task, fn]) => [taskSubstitution(task), fn])),
    });
    const grants: Readonly<Record<Need, (fn: GastownFunction) => void>> = {
      store: (fn) => {
        data.store.grantUse(fn);
      },
      queue: (fn) => {
        this.queue.grantHint(fn);
      },
      alarm: (fn) => {
        this.alarm.grantArm(fn);
      },
      workflow: (fn) => {
        this.workflow.grantDrive(fn);
      },
      runtime: (fn) => {
        towns.runtime.grantRun(fn);
      },
      push: (fn) => {
        this.liveApi.grantPush(fn);
      },
      files: (fn) => {
        data.files.grantUse(fn);
      },
      secrets: (fn) => {
        data.secrets.grantUse(fn);
      },
      verify: (fn) => {
        data.signingKey.grantVerify(fn);
      },
      sign: (fn) => {
        data.signingKey.grantSign(fn);
      },
      people: (fn) => {
        data.signIn.grantVerify(fn);
      },
      notifier: (fn) => {
        data.escalations.grantPublish(fn);
      },
      gitHost: (fn) => {
        fn.set({ GASTOWN_GIT_HOSTS: options.gitHosts.join(',') });
      },
    };
    this.grant(grants, api, apiFunctions);
    this.grant(grants, this.background, backgroundFunctions);
    this.grant(grants, tasks, taskFunctions(root));
    this.functions = new Map([
      ...Object.entries(api).map(([key, fn]) => [`api-${key}`, fn] as const),
      ...Object.entries(this.background),
      ...Object.entries(tasks).map(([key, fn]) => [`merge-${key}`, fn] as const),
    ]);
    this.restApi.serve(api);
    this.liveApi.serve(this.background.live);
    this.queue.feed(this.background.reconcile);
    this.alarm.feed(this.background.wake);
    this.alarm.every('Sweep', defaultTimings.sweepPeriodMs / 60_000, this.background.sweep);
    this.alarm.every('Audit', auditPeriodMinutes, this.background.audit);
    this.stream = new StoreStream(this, 'StoreStream', { deploymentName: name, store: data.store, fn: this.background.stream });
    this.facts(towns);
    new CfnOutput(this, 'ApiUrl', { value: this.restApi.url });
    new CfnOutput(this, 'LiveUrl', { value: this.liveApi.url });
  }

  private make<K extends string>(prefix: string, specs: Readonly<Record<K, FunctionSpec>>): Made<K> {
    const made = Object.entries<FunctionSpec>(specs).map(([key, spec]) => {
      const id = `${prefix}${key}`;
      return [
        key,
        new GastownFunction(this, id, { name: id, timeoutSeconds: spec.timeoutSeconds, memoryMiB: spec.memoryMiB, common: this.common }),
      ];
    });
    return Object.fromEntries(made) as Made<K>;
  }

  private grant<K extends string>(
    grants: Readonly<Record<Need, (fn: GastownFunction) => void>>,
    made: Made<K>,
    specs: Readonly<Record<K, FunctionSpec>>,
  ): void {
    for (const [key, { needs }] of Object.entries<FunctionSpec>(specs)) for (const need of needs) grants[need](made[key as K]);
  }

  /** Facts from outside: a stopped task or an ended execution hints its town at once instead of at the next wake-up. */
  private facts(towns: RuntimeStack): void {
    const target = () =>
      new LambdaFunction(this.background.facts.lambda, {
        deadLetterQueue: this.alarm.deadLetters,
        maxEventAge: Duration.hours(1),
        retryAttempts: 3,
      });
    new Rule(this, 'TaskChanged', {
      description: 'A town runtime started or stopped',
      targets: [target()],
      eventPattern: {
        source: ['aws.ecs'],
        detailType: ['ECS Task State Change'],
        detail: { clusterArn: [towns.runtime.cluster.clusterArn], lastStatus: ['RUNNING', 'STOPPED'] },
      },
    });
    new Rule(this, 'ExecutionChanged', {
      description: 'A merge or train ended',
      targets: [target()],
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: {
          stateMachineArn: machineNames.map((machine) => this.workflow.machines[machine].stateMachineArn),
          status: ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'],
        },
      },
    });
  }
}
