import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { FanfareError } from '../../core/errors.ts';
import type { TrainableCalls } from '../../core/trainables/lambda/calls.ts';
import { failureText } from './failure-text.ts';

/** A function may take Lambda's most, 15 minutes; nothing is sent while it works. */
const longestMillis = 16 * 60_000;

/** Lambda functions, which find objects in the bucket. */
export function lambdaCalls(bucket: string): TrainableCalls {
  let client: LambdaClient | undefined;
  return {
    uri: (key) => `s3://${bucket}/${key}`,
    call: (reference, request) => {
      client ??= new LambdaClient({ requestHandler: { requestTimeout: longestMillis } });
      return call(client, reference, request);
    },
  };
}

/** What the function itself throws, or dies of, is `TrainableFailed`; a throttle is the retrier's. */
async function call(client: LambdaClient, arn: string, request: object): Promise<unknown> {
  const { FunctionError, Payload } = await client
    .send(
      new InvokeCommand({ FunctionName: arn, Payload: new TextEncoder().encode(JSON.stringify(request)) }),
    )
    .catch((cause: unknown) => {
      throw refusal(arn, cause) ?? cause;
    });
  const answer = parsed(arn, new TextDecoder().decode(Payload));
  if (FunctionError === undefined) return answer;
  throw new FanfareError('TrainableFailed', `${arn}: ${failureText(Object(answer))}`);
}

function refusal(arn: string, cause: unknown): FanfareError | undefined {
  const { name, message } = Object(cause) as Partial<Error>;
  if (name === 'ResourceNotFoundException') {
    return new FanfareError('InvalidSpec', `tune.trainable ${arn}: there is no such function`, { cause });
  }
  if (name !== 'AccessDeniedException') return undefined;
  const how = 'name it in the setting "trainables" of cdk.json and deploy again';
  return new FanfareError('InvalidSpec', `tune.trainable ${arn}: it may not be called (${message}); ${how}`, {
    cause,
  });
}

function parsed(arn: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FanfareError('TrainableFailed', `${arn}: its answer is no JSON: ${text.slice(0, 200)}`, {
      cause,
    });
  }
}
