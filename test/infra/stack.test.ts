import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { flows, functions } from '../../core/contracts/functions.ts';
import { functionOf, type Resource, resourcesOf, synthesise } from './synthesised.ts';

const template = synthesise({
  mlflow: { kind: 'secret', secretArn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:mlflow-AbCdEf' },
  bindings: [{ prefix: 'uploads/churn/', model: 'models:/churn@champion' }],
});
const names = Object.keys(functions);
const environmentOf = (name: string) =>
  (functionOf(template, name).Properties.Environment as { Variables: Record<string, unknown> }).Variables;

describe('the bucket', () => {
  const [logs, data] = resourcesOf(template, 'AWS::S3::Bucket') as [Resource, Resource];

  test('is private, encrypted and versioned, and is kept when the stack goes', () => {
    expect(data.Properties).toMatchObject({
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      VersioningConfiguration: { Status: 'Enabled' },
    });
    expect([data.DeletionPolicy, logs.DeletionPolicy]).toEqual(['Retain', 'Retain']);
  });

  test('refuses whoever does not speak TLS', () => {
    for (const bucket of [data, logs]) {
      template.hasResourceProperties('AWS::S3::BucketPolicy', {
        Bucket: { Ref: bucket.id },
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({
              Effect: 'Deny',
              Action: 's3:*',
              Principal: { AWS: '*' },
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            }),
          ]),
        },
      });
    }
  });

  test('tells EventBridge what is put into it, with no function of CDK for that', () => {
    expect(data.Properties.NotificationConfiguration).toEqual({
      EventBridgeConfiguration: { EventBridgeEnabled: true },
    });
    expect(resourcesOf(template).filter(({ Type }) => Type.startsWith('Custom::'))).toEqual([]);
  });

  test('forgets old versions, broken uploads and the results of Maps', () => {
    const { Rules } = data.Properties.LifecycleConfiguration as { Rules: object[] };
    expect(Rules).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          NoncurrentVersionExpiration: { NoncurrentDays: 30 },
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
        }),
        expect.objectContaining({ Prefix: 'maps/', ExpirationInDays: 30 }),
      ]),
    );
  });
});

describe('a function', () => {
  test('is there for each file of functions/, and no other', () => {
    const handlers = resourcesOf(template, 'AWS::Lambda::Function').map(
      ({ Properties }) => Properties.Handler,
    );
    expect(handlers.sort()).toEqual(names.map((name) => `${name}.handler`).sort());
  });

  test.each(names)('%s has the memory, time and concurrency that its contract says', (name) => {
    const limits = functions[name as keyof typeof functions];
    expect(functionOf(template, name).Properties).toMatchObject({
      MemorySize: limits.memoryMiB,
      Timeout: limits.timeoutSeconds,
      Runtime: 'nodejs22.x',
      Architectures: ['x86_64'],
      TracingConfig: { Mode: 'Active' },
      ...(limits.concurrency !== null && { ReservedConcurrentExecutions: limits.concurrency }),
    });
    expect(environmentOf(name)).toMatchObject({ POWERTOOLS_SERVICE_NAME: name });
    expect(environmentOf(name)).not.toHaveProperty('FANFARE_STORE');
  });

  test('keeps its log for 90 days', () => {
    const groups = resourcesOf(template, 'AWS::Logs::LogGroup');
    expect(groups).toHaveLength(names.length + flows.length);
    expect(new Set(groups.map(({ Properties }) => Properties.RetentionInDays))).toEqual(new Set([90]));
  });

  test('knows of MLflow only if it is the aggregator', () => {
    const knowing = names.filter((name) => JSON.stringify(environmentOf(name)).includes('secretsmanager'));
    expect(knowing).toEqual(['aggregate']);
  });

  test('may have other memory and another processor', () => {
    const other = synthesise({ architecture: 'arm64', memoryMiB: { train: 3538 } });
    expect(functionOf(other, 'train').Properties).toMatchObject({
      Architectures: ['arm64'],
      MemorySize: 3538,
    });
  });
});

describe('an upload', () => {
  const [rule] = resourcesOf(template, 'AWS::Events::Rule').filter(
    ({ Properties }) => Properties.EventPattern,
  );

  test('is a new object below uploads/ of this bucket, and nothing that a flow writes', () => {
    expect(rule!.Properties.EventPattern).toEqual({
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      detail: {
        bucket: { name: [{ Ref: expect.stringMatching(/^DataBucket/) }] },
        object: { key: [{ prefix: 'uploads/' }] },
      },
    });
  });

  test('goes to receive-upload, and what cannot be delivered or handled to a queue that is watched', () => {
    const { id } = functionOf(template, 'receive-upload');
    const [queue] = resourcesOf(template, 'AWS::SQS::Queue');
    const arn = (of: string) => ({ 'Fn::GetAtt': [of, 'Arn'] });
    expect(rule!.Properties.Targets).toEqual([
      expect.objectContaining({ Arn: arn(id), DeadLetterConfig: { Arn: arn(queue!.id) } }),
    ]);
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      FunctionName: { Ref: id },
      DestinationConfig: { OnFailure: { Destination: arn(queue!.id) } },
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queue!.id, 'QueueName'] } }],
    });
  });

  test('finds the flows and the bound models in the environment', () => {
    expect(Object.keys(environmentOf('receive-upload'))).toEqual(
      expect.arrayContaining(['SPLIT', 'TUNE', 'PREDICT', 'PIPELINE'].map((flow) => `FANFARE_${flow}_FLOW`)),
    );
    expect(environmentOf('receive-upload')).not.toHaveProperty('FANFARE_MAP_FLOW');
    expect(JSON.parse(String(environmentOf('receive-upload').FANFARE_BINDINGS))).toEqual([
      { prefix: 'uploads/churn/', model: 'models:/churn@champion', format: 'parquet' },
    ]);
  });
});

test('what is pending is sent every quarter of an hour', () => {
  template.hasResourceProperties('AWS::Events::Rule', {
    ScheduleExpression: 'rate(15 minutes)',
    Targets: [Match.objectLike({ Input: '{"kind":"pending"}' })],
  });
});

test('the CLI finds the bucket and the flows by the outputs', () => {
  const outputs = template.toJSON().Outputs as Record<string, { Value: { Ref: string } }>;
  expect(Object.keys(outputs).sort()).toEqual([
    'DataBucket',
    'MapFlow',
    'PipelineFlow',
    'PredictFlow',
    'SplitFlow',
    'TuneFlow',
  ]);
  expect(outputs.TuneFlow!.Value.Ref).toMatch(/^TuneFlow/);
});

test('there are ten alarms, one metric each: so many are free, and MiniStack takes no arithmetic', () => {
  const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm');
  expect(alarms).toHaveLength(10);
  for (const { Properties } of alarms) expect(Properties.MetricName).toEqual(expect.any(String));
});

test('alarms mail to an address where one is given, and by TLS alone', () => {
  const mailing = synthesise({ alarmEmail: 'oncall@example.com' });
  mailing.hasResourceProperties('AWS::SNS::Subscription', {
    Protocol: 'email',
    Endpoint: 'oncall@example.com',
  });
  for (const { Properties } of resourcesOf(mailing, 'AWS::CloudWatch::Alarm')) {
    expect(Properties.AlarmActions).toHaveLength(1);
  }
  expect(resourcesOf(template, 'AWS::SNS::Topic')).toEqual([]);
});
