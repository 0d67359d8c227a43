import { S3 } from '@aws-sdk/client-s3';
import { lambdaCalls } from '../../adapters/lambda/lambda-calls.ts';
import { openObjects } from '../../adapters/s3/open-objects.ts';
import { s3Options } from '../../adapters/s3/options.ts';
import { s3Store } from '../../adapters/s3/s3-store.ts';
import type { Ports } from '../../core/steps/ports.ts';

/** The bucket, and the tables in S3; its own module, so that the AWS SDK is loaded where it is used. */
export function openBucket(bucket: string, env: NodeJS.ProcessEnv): Pick<Ports, 'store' | 'open' | 'calls'> {
  const client = new S3(s3Options(env));
  return { store: s3Store(client, bucket), open: openObjects(client), calls: lambdaCalls(bucket) };
}
