import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  GatewayVpcEndpointAwsService,
  InstanceClass,
  InstanceSize,
  InstanceType,
  type IVpc,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import {
  Cluster,
  ContainerImage,
  ContainerInsights,
  CpuArchitecture,
  FargateService,
  FargateTaskDefinition,
  type ICluster,
  LogDrivers,
  OperatingSystemFamily,
  Secret,
} from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import {
  Credentials,
  DatabaseInstance,
  DatabaseInstanceEngine,
  PostgresEngineVersion,
} from 'aws-cdk-lib/aws-rds';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { DnsRecordType, PrivateDnsNamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { Construct } from 'constructs';
import { acknowledge, acknowledgeWildcards } from './acknowledge.ts';
import type { Network } from './functions.ts';

export interface MlflowServerProps {
  /** Whether runs and artifacts outlive the stack. Default: they do. */
  readonly removalPolicy?: RemovalPolicy;
  /** Default: 90 days. */
  readonly logRetention?: RetentionDays;
  /** Has MLflow, psycopg2 and boto3. Default: MLflow's own image, and the two are installed as it starts. */
  readonly image?: ContainerImage;
}

const port = 5000;

/**
 * MLflow on Fargate, its runs in Postgres, its artifacts in a bucket behind it; reached within its network alone, by name.
 * Runs, and costs, all the time: off by default.
 */
export class MlflowServer extends Construct {
  readonly trackingUri = `http://mlflow.fanfare.internal:${port}`;
  /** Where the aggregator has to be to reach it. */
  readonly network: Network;
  private readonly vpc: IVpc;
  private readonly removalPolicy: RemovalPolicy;
  private readonly logRetention: RetentionDays;

  constructor(scope: Construct, id: string, props: MlflowServerProps = {}) {
    super(scope, id);
    this.removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    this.logRetention = props.logRetention ?? RetentionDays.THREE_MONTHS;
    this.vpc = this.createNetwork();
    const callers = new SecurityGroup(this, 'Callers', { vpc: this.vpc, description: 'May ask MLflow' });
    this.network = {
      vpc: this.vpc,
      subnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      securityGroups: [callers],
    };
    const database = this.createDatabase();
    const service = this.createService(database, props.image);
    service.connections.allowFrom(callers, Port.tcp(port), 'the aggregator');
    database.connections.allowDefaultPortFrom(service, 'MLflow');
  }

  /** Two zones, no NAT gateway: the server has a public address to fetch its image by, and lets nobody in by it. */
  private createNetwork(): IVpc {
    const vpc = new Vpc(this, 'Network', {
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [
        { name: 'server', subnetType: SubnetType.PUBLIC },
        { name: 'inside', subnetType: SubnetType.PRIVATE_ISOLATED },
      ],
      gatewayEndpoints: { objects: { service: GatewayVpcEndpointAwsService.S3 } },
    });
    vpc.addFlowLog('FlowLog');
    return vpc as IVpc;
  }

  private createDatabase(): DatabaseInstance {
    const database = new DatabaseInstance(this, 'Runs', {
      engine: DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_16 }),
      instanceType: InstanceType.of(InstanceClass.T4G, InstanceSize.MICRO),
      vpc: this.vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      credentials: Credentials.fromGeneratedSecret('mlflow', {
        excludeCharacters: ' %+~`#$&*()|[]{}:;<>?!\'/@"\\^=,',
      }),
      databaseName: 'mlflow',
      allocatedStorage: 20,
      maxAllocatedStorage: 100,
      storageEncrypted: true,
      backupRetention: Duration.days(7),
      deletionProtection: this.removalPolicy === RemovalPolicy.RETAIN,
      removalPolicy:
        this.removalPolicy === RemovalPolicy.RETAIN ? RemovalPolicy.SNAPSHOT : RemovalPolicy.DESTROY,
    });
    acknowledge(database, {
      RDS3: 'one zone: while it is away nothing waits for MLflow and nothing is lost',
      RDS10: 'set unless the data are to go with the stack',
      RDS11: 'reached from the server alone, so that another port hides nothing',
      SMG4: 'the password is known to the database and the server alone; rotate it by hand',
    });
    return database;
  }

  private createService(database: DatabaseInstance, image?: ContainerImage): FargateService {
    const task = this.createTask(database, image);
    const cluster = new Cluster(this, 'Cluster', {
      vpc: this.vpc,
      containerInsightsV2: ContainerInsights.ENABLED,
    });
    return new FargateService(this, 'Service', {
      cluster: cluster as ICluster,
      taskDefinition: task,
      desiredCount: 1,
      minHealthyPercent: 0,
      maxHealthyPercent: 100,
      assignPublicIp: true,
      vpcSubnets: { subnetType: SubnetType.PUBLIC },
      cloudMapOptions: {
        name: 'mlflow',
        dnsRecordType: DnsRecordType.A,
        dnsTtl: Duration.seconds(10),
        cloudMapNamespace: new PrivateDnsNamespace(this, 'Names', {
          name: 'fanfare.internal',
          vpc: this.vpc,
        }),
      },
    });
  }

  private createTask(database: DatabaseInstance, image?: ContainerImage): FargateTaskDefinition {
    const artifacts = new Bucket(this, 'Artifacts', {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      versioned: true,
      removalPolicy: this.removalPolicy,
    });
    acknowledge(artifacts, { S1: 'MLflow alone reads and writes it, and logs what it is asked' });
    const task = new FargateTaskDefinition(this, 'Task', {
      cpu: 512,
      memoryLimitMiB: 2048,
      runtimePlatform: {
        cpuArchitecture: CpuArchitecture.X86_64,
        operatingSystemFamily: OperatingSystemFamily.LINUX,
      },
    });
    task.addToTaskRolePolicy(
      new PolicyStatement({
        actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'],
        resources: [artifacts.arnForObjects('*')],
      }),
    );
    task.addToTaskRolePolicy(
      new PolicyStatement({ actions: ['s3:ListBucket'], resources: [artifacts.bucketArn] }),
    );
    const secret = database.secret!;
    task.addContainer('mlflow', {
      image: image ?? ContainerImage.fromRegistry('ghcr.io/mlflow/mlflow:v3.17.2'),
      command: ['sh', '-c', serverCommand(artifacts.bucketName, this.trackingUri)],
      portMappings: [{ containerPort: port }],
      environment: { AWS_REGION: this.vpc.env.region },
      secrets: {
        DB_HOST: Secret.fromSecretsManager(secret, 'host'),
        DB_USER: Secret.fromSecretsManager(secret, 'username'),
        DB_PASSWORD: Secret.fromSecretsManager(secret, 'password'),
      },
      logging: LogDrivers.awsLogs({
        streamPrefix: 'mlflow',
        logGroup: new LogGroup(this, 'Logs', {
          retention: this.logRetention,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      }),
    });
    acknowledge(task, {
      ECS2: 'the region is no secret; what is comes from Secrets Manager',
    });
    acknowledgeWildcards(task, [
      [/^<\w+\.Arn>\/\*$/, 'MLflow names its artifacts itself, in a bucket that is its own'],
    ]);
    return task;
  }
}

/** The image lacks the drivers of Postgres and S3. A wrong Host header is refused, so the name is said. */
const serverCommand = (bucket: string, uri: string): string =>
  [
    'pip install --quiet psycopg2-binary==2.9.10 boto3==1.40.0 &&',
    'exec mlflow server --host 0.0.0.0 --workers 2',
    `--port ${port} --allowed-hosts ${new URL(uri).host},${new URL(uri).hostname}`,
    `--artifacts-destination s3://${bucket} --serve-artifacts`,
    '--backend-store-uri "postgresql://$DB_USER:$DB_PASSWORD@$DB_HOST:5432/mlflow"',
  ].join(' ');
