import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  Function as Lambda,
  type LayerVersion,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import {
  type FunctionLimits,
  type FunctionName,
  functions,
  substitutionOf,
} from '../core/contracts/functions.ts';
import { measuresNamespace } from '../core/contracts/measures.ts';
import { access, callsTrainables, runsModels } from './access.ts';
import { acknowledge, acknowledgeWildcards } from './acknowledge.ts';
import { grantAccess, tracing } from './grant.ts';
import { type ArchitectureName, onnxLayer } from './onnx-layer.ts';
import { projectRoot } from './project.ts';

/** Where MLflow is, and how the aggregator proves who it is. */
export type MlflowAccess =
  | { readonly kind: 'none' }
  /** A server that asks for nothing. */
  | { readonly kind: 'uri'; readonly trackingUri: string }
  /** A secret in Secrets Manager: `{ "uri": …, "auth": … }`. */
  | { readonly kind: 'secret'; readonly secretArn: string };

/** A network that the aggregator, and only it, is put into to reach MLflow. */
export interface Network {
  readonly vpc: IVpc;
  readonly subnets: SubnetSelection;
  readonly securityGroups: readonly ISecurityGroup[];
}

export interface FanfareFunctionsProps {
  readonly bucket: IBucket;
  /** Which functions. Default: all of `core/contracts/functions.ts`. */
  readonly only?: readonly FunctionName[];
  /** Default: `x86_64`. */
  readonly architecture?: ArchitectureName;
  /** MiB, 128 to 10,240; 1,769 are one core. Default: what `core/contracts/functions.ts` says. */
  readonly memoryMiB?: Readonly<Partial<Record<string, number>>>;
  /** Default: 90 days. */
  readonly logRetention?: RetentionDays;
  /** Default: none; what should be recorded stays pending. */
  readonly mlflow?: MlflowAccess;
  /** Default: no network of ours. */
  readonly network?: Network;
  /** `s3://bucket/prefix/` of tables in other places, which functions may read. Default: none. */
  readonly tables?: readonly string[];
  /** ARNs of functions of the user's that may be called as trainables. Default: none. */
  readonly trainables?: readonly string[];
  /** The folder of `<name>.mjs`. Default: `dist/functions`, from `npm run build`. */
  readonly bundles?: string;
  /** The unpacked layer. Default: `layers/onnxruntime/linux-<architecture>`, from `node scripts/layer.mjs`. */
  readonly layer?: string;
}

/** One Lambda a file of `functions/`, each with a role of its own that `access.ts` describes. */
export class FanfareFunctions extends Construct {
  private readonly byName = new Map<string, Lambda>();
  private readonly settings: FanfareFunctionsProps;
  private layer: LayerVersion | undefined;

  constructor(scope: Construct, id: string, props: FanfareFunctionsProps) {
    super(scope, id);
    this.settings = props;
    for (const name of props.only ?? (Object.keys(functions) as FunctionName[])) {
      this.byName.set(name, this.create(name));
    }
  }

  get names(): readonly string[] {
    return [...this.byName.keys()];
  }

  get(name: string): Lambda {
    const found = this.byName.get(name);
    if (found) return found;
    throw new Error(`${this.node.path} has no function ${name} (it has: ${this.names.join(', ')})`);
  }

  private create(name: FunctionName): Lambda {
    const { bucket, architecture = 'x86_64', mlflow = { kind: 'none' }, network } = this.settings;
    const limits: FunctionLimits = functions[name];
    const recordsRuns = name === 'aggregate';
    const id = substitutionOf(name, 'Function');
    const logGroup = new LogGroup(this, `${id}Logs`, {
      retention: this.settings.logRetention ?? RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = this.role(name, logGroup);
    const created = new Lambda(this, id, {
      description: `Fanfare: ${name}`,
      runtime: Runtime.NODEJS_22_X,
      architecture: architecture === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64,
      code: this.code(name),
      handler: `${name}.handler`,
      role,
      logGroup,
      memorySize: this.settings.memoryMiB?.[name] ?? limits.memoryMiB,
      timeout: Duration.seconds(limits.timeoutSeconds),
      tracing: Tracing.ACTIVE,
      environment: {
        FANFARE_BUCKET: bucket.bucketName,
        POWERTOOLS_SERVICE_NAME: name,
        POWERTOOLS_METRICS_NAMESPACE: measuresNamespace,
        ...(recordsRuns && mlflowEnvironment(mlflow)),
      },
      ...(limits.concurrency !== null && { reservedConcurrentExecutions: limits.concurrency }),
      ...(runsModels.has(name) && { layers: [this.onnxRuntime()] }),
      ...(recordsRuns &&
        network && {
          vpc: network.vpc,
          vpcSubnets: network.subnets,
          securityGroups: [...network.securityGroups],
        }),
    });
    acknowledge(created, {
      L1: 'Node 22 is the newest runtime that the pinned CDK, MiniStack and LocalStack all know; maintained until April 2027',
    });
    return created;
  }

  /** What each function may do: write its own log, send traces, and what `access.ts` says of it. */
  private role(name: FunctionName, logGroup: LogGroup): Role {
    const { bucket, mlflow, network, tables, trainables = [] } = this.settings;
    const role = new Role(this, `${substitutionOf(name, 'Function')}Role`, {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `What Fanfare's ${name} may do`,
    });
    logGroup.grantWrite(role);
    role.addToPolicy(tracing());
    grantAccess(role, bucket, access[name], tables);
    if (callsTrainables.has(name) && trainables.length > 0) {
      role.addToPolicy(
        new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [...trainables] }),
      );
    }
    if (name === 'aggregate') {
      if (mlflow?.kind === 'secret') {
        role.addToPolicy(
          new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [mlflow.secretArn] }),
        );
      }
      if (network) role.addToPolicy(networkInterfaces());
    }
    acknowledgeWildcards(role, [
      [/^\*$/, 'X-Ray and the interfaces of a network take no resource'],
      [
        /\/[^/]+\/.*\*|^arn:.*\*$/,
        `ids are part of keys: these are the patterns of ${name} in infra/access.ts`,
      ],
    ]);
    return role;
  }

  private onnxRuntime(): LayerVersion {
    this.layer ??= onnxLayer(this, this.settings.architecture ?? 'x86_64', this.settings.layer);
    return this.layer;
  }

  /** One file of the bundles' folder. */
  private code(name: string): Code {
    const folder = this.settings.bundles ?? join(projectRoot, 'dist/functions');
    const file = `${name}.mjs`;
    if (!existsSync(join(folder, file))) {
      throw new Error(`there is no bundle ${join(folder, file)}; make it with: npm run build`);
    }
    return Code.fromAsset(folder, { exclude: ['**', `!${file}`] });
  }
}

function mlflowEnvironment(mlflow: MlflowAccess): Record<string, string> {
  switch (mlflow.kind) {
    case 'none':
      return {};
    case 'uri':
      return { MLFLOW_TRACKING_URI: mlflow.trackingUri };
    case 'secret':
      return { FANFARE_MLFLOW_SECRET: mlflow.secretArn };
  }
}

/** A function in a network makes and drops its own interfaces; EC2 takes no resource for that (AWSLambdaVPCAccessExecutionRole). */
const networkInterfaces = (): PolicyStatement =>
  new PolicyStatement({
    actions: [
      'ec2:CreateNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeSubnets',
      'ec2:AssignPrivateIpAddresses',
      'ec2:UnassignPrivateIpAddresses',
    ],
    resources: ['*'],
  });
