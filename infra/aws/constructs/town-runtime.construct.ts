// Where towns run: cluster, task definition and network. Nothing can connect to a task; the runner dials out.
import { fileURLToPath } from 'node:url';
import { Aws, Duration, RemovalPolicy, Size, Tags } from 'aws-cdk-lib';
import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  IpAddresses,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import type { ISecurityGroup, IVpc } from 'aws-cdk-lib/aws-ec2';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import {
  Cluster,
  ContainerImage,
  ContainerInsights,
  CpuArchitecture,
  FargateTaskDefinition,
  LinuxParameters,
  LogDrivers,
  OperatingSystemFamily,
} from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import type { DeploymentOptions } from '../options.ts';
import type { GastownFunction } from './gastown-function.construct.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
/** ECS gives a task at most 120 s between SIGTERM and SIGKILL; the runner drains within 100 s. */
const stopTimeoutSeconds = 120;
export const containerName = 'runner';
/** Unix users of the image, one per agent at a time; see container/Dockerfile. */
export const agentUsers: readonly string[] = Array.from({ length: 30 }, (_, index) => `gtn-${String(index + 1).padStart(2, '0')}`);
/** The root file system is read-only; these places are the task's own disk. The image keeps their owner and mode by VOLUME. */
export const writablePlaces = { town: '/town', temporary: '/tmp', 'more-temporary': '/var/tmp' } as const;

export interface TownRuntimeProps {
  readonly deploymentName: string;
  readonly options: Pick<DeploymentOptions, 'network' | 'runtime' | 'logRetentionDays'>;
}

export class TownRuntime extends Construct {
  readonly cluster: Cluster;
  private readonly family: string;
  private readonly taskRole: Role;
  private readonly executionRole: Role;
  private readonly subnetIds: readonly string[];
  private readonly securityGroup: ISecurityGroup;
  private readonly props: TownRuntimeProps;

  constructor(scope: Construct, id: string, props: TownRuntimeProps) {
    super(scope, id);
    this.props = props;
    this.family = `${props.deploymentName}-town`;
    const { vpc, subnetIds } = this.network();
    this.subnetIds = subnetIds;
    this.securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Town runtimes: nothing in, everything out',
      allowAllOutbound: true,
      disableInlineRules: true,
    });
    this.cluster = new Cluster(this, 'Cluster', {
      clusterName: props.deploymentName,
      vpc,
      containerInsightsV2: ContainerInsights.DISABLED,
      enableFargateCapacityProviders: true,
    });
    acknowledge(this.cluster, {
      'AwsSolutions-ECS4':
        'Container Insights costs per task and metric; the runner reports its own memory and disk, and the alarms watch failures.',
    });
    const bySource = { conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } } };
    this.taskRole = new Role(this, 'TaskRole', {
      assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com', bySource),
      description: 'Of town runtimes: models of Amazon Bedrock and nothing else',
    });
    this.executionRole = new Role(this, 'ExecutionRole', {
      assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com', bySource),
      description: 'Pulls the image and writes the logs of town runtimes',
    });
    this.taskDefinition();
    this.permitModels();
    acknowledge(this.executionRole, { 'AwsSolutions-IAM5[Resource::*]': 'ecr:GetAuthorizationToken has no resource to name.' });
  }

  private network(): { readonly vpc: IVpc; readonly subnetIds: readonly string[] } {
    const { network, logRetentionDays } = this.props.options;
    if (network.kind === 'existing') {
      // The zones are not used: tasks are started in the subnets by id.
      return {
        vpc: Vpc.fromVpcAttributes(this, 'Vpc', { vpcId: network.vpcId, availabilityZones: ['unused'] }),
        subnetIds: network.subnetIds,
      };
    }
    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr(network.cidr),
      maxAzs: 2,
      natGateways: 0,
      restrictDefaultSecurityGroup: false,
      subnetConfiguration: [{ name: 'towns', subnetType: SubnetType.PUBLIC, mapPublicIpOnLaunch: false }],
      gatewayEndpoints: { S3: { service: GatewayVpcEndpointAwsService.S3 }, DynamoDB: { service: GatewayVpcEndpointAwsService.DYNAMODB } },
    });
    const logs = new LogGroup(this, 'FlowLogs', {
      logGroupName: `/gastown/${this.props.deploymentName}/network`,
      retention: logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    vpc.addFlowLog('Rejected', { destination: FlowLogDestination.toCloudWatchLogs(logs), trafficType: FlowLogTrafficType.REJECT });
    // The library's own class and interface differ in optional properties only (exactOptionalPropertyTypes).
    return { vpc: vpc as IVpc, subnetIds: vpc.publicSubnets.map((subnet) => subnet.subnetId) };
  }

  private image(): ContainerImage {
    const { imageUri } = this.props.options.runtime;
    if (imageUri !== undefined) return ContainerImage.fromRegistry(imageUri);
    // Only staged at synth; built by Docker at deploy. .dockerignore names what goes in.
    return ContainerImage.fromAsset(root, { file: 'container/Dockerfile', platform: Platform.LINUX_ARM64, assetName: 'town-runtime' });
  }

  private taskDefinition(): void {
    const { options, deploymentName } = this.props;
    const task = new FargateTaskDefinition(this, 'Task', {
      family: this.family,
      cpu: options.runtime.cpu,
      memoryLimitMiB: options.runtime.memoryMiB,
      ephemeralStorageGiB: options.runtime.ephemeralGiB,
      runtimePlatform: { cpuArchitecture: CpuArchitecture.ARM64, operatingSystemFamily: OperatingSystemFamily.LINUX },
      taskRole: this.taskRole,
      executionRole: this.executionRole,
      volumes: Object.keys(writablePlaces).map((name) => ({ name })),
    });
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/gastown/${deploymentName}/towns`,
      retention: options.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const container = task.addContainer('Runner', {
      containerName,
      image: this.image(),
      essential: true,
      stopTimeout: Duration.seconds(stopTimeoutSeconds),
      readonlyRootFilesystem: true,
      linuxParameters: new LinuxParameters(this, 'Linux', { initProcessEnabled: true, sharedMemorySize: Size.mebibytes(64).toMebibytes() }),
      logging: LogDrivers.awsLogs({ logGroup, streamPrefix: 'town' }),
      environment: {
        GASTOWN_DATA_DIR: '/town',
        GASTOWN_ISOLATION: 'agent',
        GASTOWN_AGENT_USERS: agentUsers.join(','),
        AWS_REGION: Aws.REGION,
      },
    });
    container.addMountPoints(
      ...Object.entries(writablePlaces).map(([sourceVolume, containerPath]) => ({ sourceVolume, containerPath, readOnly: false })),
    );
    acknowledge(task, {
      'AwsSolutions-ECS2':
        'The variables are names and places; the one secret, the bootstrap token, comes with each start and is good for one use.',
    });
    Tags.of(task).add('gastown:part', 'town-runtime');
  }

  private permitModels(): void {
    const { bedrockArns } = this.props.options.runtime;
    this.taskRole.addToPolicy(
      new PolicyStatement({ actions: ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'], resources: [...bedrockArns] }),
    );
    acknowledge(
      this.taskRole,
      Object.fromEntries(
        bedrockArns
          .filter((name) => name.includes('*'))
          .map((name) => [`AwsSolutions-IAM5[Resource::${name}]`, 'The models that agents may call, as the options file lists them.']),
      ),
    );
  }

  /** Starts, describes and stops town tasks: of this family, in this cluster. */
  grantRun(fn: GastownFunction): void {
    const ecs = `arn:${Aws.PARTITION}:ecs:${Aws.REGION}:${Aws.ACCOUNT_ID}`;
    const inCluster = { ArnEquals: { 'ecs:cluster': this.cluster.clusterArn } };
    const tasks = `${ecs}:task/${this.props.deploymentName}/*`;
    fn.allow(['ecs:RunTask'], [`${ecs}:task-definition/${this.family}:*`], inCluster);
    fn.allow(['ecs:DescribeTasks', 'ecs:StopTask'], [tasks], inCluster);
    fn.allow(['ecs:ListTasks'], ['*'], inCluster);
    fn.allow(['ecs:TagResource'], [tasks], { StringEquals: { 'ecs:CreateAction': 'RunTask' } });
    fn.allow(['iam:PassRole'], [this.taskRole.roleArn, this.executionRole.roleArn], {
      StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
    });
    const { network, runtime } = this.props.options;
    fn.set({
      GASTOWN_CLUSTER_ARN: this.cluster.clusterArn,
      GASTOWN_TASK_DEFINITION: this.family,
      GASTOWN_CONTAINER_NAME: containerName,
      GASTOWN_SUBNET_IDS: this.subnetIds.join(','),
      GASTOWN_SECURITY_GROUP_IDS: this.securityGroup.securityGroupId,
      GASTOWN_PUBLIC_ADDRESS: network.kind === 'existing' ? network.publicAddress : 'assigned',
      GASTOWN_CAPACITY: runtime.capacity,
    });
    const account = 'arn:<AWS::Partition>:ecs:<AWS::Region>:<AWS::AccountId>';
    fn.acceptWildcards({
      [`AwsSolutions-IAM5[Resource::${account}:task-definition/${this.family}:*]`]:
        'Every revision of this one task definition: a deployment makes a new one.',
      [`AwsSolutions-IAM5[Resource::${account}:task/${this.props.deploymentName}/*]`]:
        'Tasks are made at run time; only those of this cluster.',
      'AwsSolutions-IAM5[Resource::*]': 'ecs:ListTasks has no resource to name but container instances; the condition names the cluster.',
    });
  }
}
