import { Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { type Access, tablePrefixes } from './access.ts';

/** Gives a role what its entry in `access.ts` says, and nothing else in the bucket. */
export function grantAccess(
  role: IRole,
  bucket: IBucket,
  entry: Access,
  moreTables: readonly string[] = [],
): void {
  const tables = entry.tables ? tablePrefixes : [];
  const objects = (actions: string[], patterns: readonly string[]) => {
    if (patterns.length === 0) return;
    const resources = [...new Set(patterns)].map((pattern) => bucket.arnForObjects(pattern));
    role.addToPrincipalPolicy(new PolicyStatement({ actions, resources }));
  };
  objects(['s3:GetObject'], [...entry.reads, ...tables.map((prefix) => `${prefix}*`)]);
  // What is above 64 MiB goes up in parts, which are taken back when one fails.
  objects(['s3:PutObject', 's3:AbortMultipartUpload'], entry.writes);
  objects(['s3:DeleteObject'], entry.deletes ?? []);
  if (entry.reads.length + tables.length > 0)
    grantListing(role, bucket.bucketArn, [...(entry.lists ?? []), ...tables]);
  if (entry.tables) for (const uri of moreTables) grantTable(role, uri);
}

/**
 * S3 answers 404 for a missing object only to those who may list the bucket (403 to others), and a look at one object has
 * no prefix: hence `IfExists`. A listing with a prefix is held to these; one with none shows names, never contents.
 */
function grantListing(role: IRole, bucketArn: string, prefixes: readonly string[]): void {
  const patterns = prefixes.map((prefix) => `${prefix}*`);
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ['s3:ListBucket'],
      resources: [bucketArn],
      conditions:
        patterns.length > 0
          ? { StringLikeIfExists: { 's3:prefix': patterns } }
          : { Null: { 's3:prefix': 'true' } },
    }),
  );
}

/** `s3://bucket/prefix/` of the `tables` setting: read and listed, never written. */
function grantTable(role: IRole, uri: string): void {
  const { hostname, pathname } = new URL(uri);
  const prefix = pathname.slice(1);
  const arn = Stack.of(role).formatArn({
    service: 's3',
    region: '',
    account: '',
    resource: hostname,
  });
  role.addToPrincipalPolicy(
    new PolicyStatement({ actions: ['s3:GetObject'], resources: [`${arn}/${prefix}*`] }),
  );
  role.addToPrincipalPolicy(
    new PolicyStatement({
      actions: ['s3:ListBucket'],
      resources: [arn],
      conditions: { StringLike: { 's3:prefix': [`${prefix}*`] } },
    }),
  );
}

/** Sends traces: X-Ray knows no resources, so these two actions have none to be held to. */
export const tracing = (): PolicyStatement =>
  new PolicyStatement({ actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'], resources: ['*'] });
