import { connect } from '../remote/clients.ts';
import { findStack } from '../remote/stack.ts';
import { type Check, fail, messageOf, ok, warn } from './check.ts';

/** AWS, as far as it is looked at; each throws with what is wrong. */
export interface Cloud {
  /** Region, account and profile. */
  where(): Promise<string>;
  /** The bucket of the stack of that name. */
  bucketOf(stack: string): Promise<string>;
  listBucket(bucket: string): Promise<void>;
  /** How many Lambda functions may run at once in the region. */
  concurrency(): Promise<number>;
}

/** The aggregator has one reserved, and Lambda keeps 100 back. */
const leastConcurrency = 101;
const fairConcurrency = 500;

/** Credentials and region, the stack, its bucket, and the quota that bounds lanes and shards. */
export async function cloudChecks(cloud: Cloud, stack: string): Promise<readonly Check[]> {
  const where = await answer(() => cloud.where());
  if (where instanceof Error) {
    return [
      fail(
        'credentials',
        messageOf(where),
        'AWS_REGION and AWS_PROFILE, or aws sso login; then fanfare doctor --engine aws again',
      ),
    ];
  }
  const bucket = await answer(() => cloud.bucketOf(stack));
  return [
    ok('credentials', where),
    ...(bucket instanceof Error
      ? [fail('stack', messageOf(bucket), 'npm run deploy makes it; --stack names another')]
      : [ok('stack', `${stack}, bucket ${bucket}`), await bucketCheck(cloud, bucket)]),
    await concurrencyCheck(cloud),
  ];
}

async function bucketCheck(cloud: Cloud, bucket: string): Promise<Check> {
  const listed = await answer(() => cloud.listBucket(bucket));
  return listed instanceof Error
    ? fail(
        'bucket',
        messageOf(listed),
        'the caller needs s3:ListBucket, s3:GetObject and s3:PutObject: npm run iam prints who may do what',
      )
    : ok('bucket', `${bucket} can be listed`);
}

async function concurrencyCheck(cloud: Cloud): Promise<Check> {
  const limit = await answer(() => cloud.concurrency());
  if (limit instanceof Error) {
    return warn(
      'lambda quota',
      messageOf(limit),
      'lambda:GetAccountSettings lets it be read; 101 is the least',
    );
  }
  const found = `${limit} functions at once`;
  const ask = 'ask for more: Service Quotas, AWS Lambda, Concurrent executions';
  if (limit < leastConcurrency)
    return fail('lambda quota', `${found}, and ${leastConcurrency} is the least`, ask);
  return limit < fairConcurrency
    ? warn('lambda quota', found, `lanes and shards beyond them wait; ${ask}`)
    : ok('lambda quota', found);
}

async function answer<T>(look: () => Promise<T>): Promise<T | Error> {
  try {
    return await look();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** The real one, by the SDK's own settings. */
export function awsCloud(env: NodeJS.ProcessEnv): Cloud & { close(): Promise<void> } {
  let opened: ReturnType<typeof connect> | undefined;
  const clients = () => (opened ??= connect(env));
  return {
    where: async () => (await clients()).where,
    bucketOf: async (stack) => {
      const { outputs, where } = await clients();
      return (await findStack(outputs, stack, where)).bucket;
    },
    listBucket: async (Bucket) => {
      await (await clients()).s3.listObjectsV2({ Bucket, MaxKeys: 1 });
    },
    concurrency: async () => {
      const { LambdaClient, GetAccountSettingsCommand } = await import('@aws-sdk/client-lambda');
      const lambda = new LambdaClient({});
      try {
        const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand({}));
        return AccountLimit?.ConcurrentExecutions ?? 0;
      } finally {
        lambda.destroy();
      }
    },
    close: async () => {
      const connected = await opened?.catch(() => undefined);
      connected?.close();
    },
  };
}
