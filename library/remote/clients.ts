import type { CloudFormation } from '@aws-sdk/client-cloudformation';
import type { S3 } from '@aws-sdk/client-s3';
import type { SFN } from '@aws-sdk/client-sfn';
import { s3Options } from '../../adapters/s3/options.ts';
import { FanfareError } from '../../core/errors.ts';
import type { DescribeOutputs } from './stack.ts';

export interface Clients {
  readonly s3: S3;
  readonly sfn: SFN;
  readonly outputs: DescribeOutputs;
  /** `region eu-west-1, account 1234…, profile x`: where the clients look. */
  readonly where: string;
  close(): void;
}

/** AWS as the SDK's own environment names it. Loaded here alone: the other commands need not wait for the SDK. */
export async function connect(env: NodeJS.ProcessEnv): Promise<Clients> {
  // Which Node the SDK will want next year is no news for whoever tunes a model.
  env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const [{ S3 }, { SFN }, { CloudFormation }] = await Promise.all([
    import('@aws-sdk/client-s3'),
    import('@aws-sdk/client-sfn'),
    import('@aws-sdk/client-cloudformation'),
  ]);
  const retries = { retryMode: 'adaptive', maxAttempts: 8 };
  const s3 = new S3(s3Options(env));
  const sfn = new SFN(retries);
  const formation = new CloudFormation(retries);
  return {
    s3,
    sfn,
    outputs: (stack) => outputsOf(formation, stack),
    where: await placeOf(formation, env),
    close: () => {
      for (const client of [s3, sfn, formation]) client.destroy();
    },
  };
}

async function placeOf({ config }: CloudFormation, env: NodeJS.ProcessEnv): Promise<string> {
  const region = await config.region().catch((cause: unknown) => {
    throw new FanfareError('MissingInput', 'no AWS region is set: AWS_REGION, or region in ~/.aws/config', {
      cause,
    });
  });
  const { accountId } = await config.credentials().catch((cause: unknown) => {
    throw new FanfareError(
      'MissingInput',
      `there are no AWS credentials (${messageOf(cause)}): AWS_PROFILE names a profile; aws sso login, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY give them`,
      { cause },
    );
  });
  const endpoint = env.AWS_ENDPOINT_URL_CLOUDFORMATION ?? env.AWS_ENDPOINT_URL;
  return [
    `region ${region}`,
    ...(accountId ? [`account ${accountId}`] : []),
    ...(env.AWS_PROFILE ? [`profile ${env.AWS_PROFILE}`] : []),
    ...(endpoint ? [`endpoint ${endpoint}`] : []),
  ].join(', ');
}

async function outputsOf(client: CloudFormation, StackName: string): ReturnType<DescribeOutputs> {
  try {
    const { Stacks } = await client.describeStacks({ StackName });
    const outputs = Stacks?.[0]?.Outputs ?? [];
    return Object.fromEntries(outputs.map(({ OutputKey, OutputValue }) => [OutputKey ?? '', OutputValue]));
  } catch (error) {
    if (/does not exist/.test(messageOf(error))) return undefined;
    throw error;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
