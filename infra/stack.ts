import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { SecurityGroup, Subnet, Vpc } from 'aws-cdk-lib/aws-ec2';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { type FlowName, substitutionOf } from '../core/contracts/functions.ts';
import { DataBucket } from './data-bucket.ts';
import type { Flow } from './flow.ts';
import { FanfareFunctions, type MlflowAccess, type Network } from './functions.ts';
import { MapFlow } from './map-flow.ts';
import { MlflowServer } from './mlflow-server.ts';
import { PendingSchedule } from './pending-schedule.ts';
import { PipelineFlow } from './pipeline-flow.ts';
import { PredictionFlow } from './prediction-flow.ts';
import type { Settings } from './settings.ts';
import { SplitFlow } from './split-flow.ts';
import { TuningFlow } from './tuning-flow.ts';
import { UploadTrigger } from './upload-trigger.ts';
import { Watch } from './watch.ts';

export interface FanfareStackProps extends StackProps {
  readonly settings: Settings;
  /** Default: `dist/functions`. */
  readonly bundles?: string;
  /** Default: what `scripts/layer.mjs` made. */
  readonly layer?: string;
}

/** All of Fanfare in one account: nothing in it runs, or costs, while nobody asks for anything. */
export class FanfareStack extends Stack {
  constructor(scope: Construct, id: string, { settings, bundles, layer, ...props }: FanfareStackProps) {
    super(scope, id, { description: 'Fanfare: tuning and batch inference over tables in S3', ...props });
    const removalPolicy = settings.removalPolicy === 'destroy' ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;
    const logRetention: RetentionDays = settings.logRetentionDays;
    const { bucket } = new DataBucket(this, 'Data', { removalPolicy });
    const { mlflow, network } = this.tracking(settings, removalPolicy);

    const functions = new FanfareFunctions(this, 'Functions', {
      bucket,
      architecture: settings.architecture,
      memoryMiB: settings.memoryMiB,
      logRetention,
      mlflow,
      tables: settings.tables,
      trainables: settings.trainables,
      ...(network && { network }),
      ...(bundles !== undefined && { bundles }),
      ...(layer !== undefined && { layer }),
    });
    const shared = {
      bucket,
      functions,
      logRetention,
      shardExecutionType: settings.shardExecutionType,
    };
    const split = new SplitFlow(this, 'Split', shared);
    const tune = new TuningFlow(this, 'Tune', shared);
    const predict = new PredictionFlow(this, 'Predict', shared);
    const map = new MapFlow(this, 'Map', shared);
    const pipeline = new PipelineFlow(this, 'Pipeline', { ...shared, flows: { split, tune, predict } });
    const uploadable = { split, tune, predict, pipeline };
    const flows = { ...uploadable, map };

    const { bindings, alarmEmail } = settings;
    const uploads = new UploadTrigger(this, 'Uploads', { bucket, functions, flows: uploadable, bindings });
    new PendingSchedule(this, 'Pending', { functions });
    new Watch(this, 'Watch', { flows, functions, uploads, ...(alarmEmail !== undefined && { alarmEmail }) });
    this.tell(bucket.bucketName, flows);
  }

  /** What the CLI finds the stack by. */
  private tell(bucketName: string, flows: Readonly<Record<FlowName, Flow>>): void {
    new CfnOutput(this, 'DataBucket', { value: bucketName });
    for (const [name, flow] of Object.entries(flows)) {
      new CfnOutput(this, substitutionOf(name as FlowName, 'Flow'), {
        value: flow.stateMachine.stateMachineArn,
      });
    }
  }

  private tracking(
    { mlflow, vpc, logRetentionDays }: Settings,
    removalPolicy: RemovalPolicy,
  ): { readonly mlflow: MlflowAccess; readonly network: Network | undefined } {
    if (mlflow.kind === 'fargate') {
      const server = new MlflowServer(this, 'Mlflow', { removalPolicy, logRetention: logRetentionDays });
      return { mlflow: { kind: 'uri', trackingUri: server.trackingUri }, network: server.network };
    }
    if (vpc === undefined) return { mlflow, network: undefined };
    return {
      mlflow,
      network: {
        vpc: Vpc.fromVpcAttributes(this, 'Vpc', {
          vpcId: vpc.vpcId,
          availabilityZones: [...this.availabilityZones],
        }),
        subnets: { subnets: vpc.subnetIds.map((id) => Subnet.fromSubnetId(this, id, id)) },
        securityGroups: vpc.securityGroupIds.map((id) => SecurityGroup.fromSecurityGroupId(this, id, id)),
      },
    };
  }
}
