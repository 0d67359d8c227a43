import type { S3ClientConfig } from '@aws-sdk/client-s3';

/**
 * How we speak to S3. Region, credentials and endpoint are the SDK's own settings (AWS_REGION, AWS_PROFILE,
 * AWS_ENDPOINT_URL …); an endpoint of our own is no host that buckets could be names before, so they go into the path.
 */
export function s3Options(env: Readonly<Record<string, string | undefined>>): S3ClientConfig {
  const endpoint = env.AWS_ENDPOINT_URL_S3 ?? env.AWS_ENDPOINT_URL;
  return { retryMode: 'adaptive', maxAttempts: 8, ...(endpoint && { forcePathStyle: true }) };
}
