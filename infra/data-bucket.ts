import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  type IBucket,
  StorageClass,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { keys } from '../core/contracts/keys.ts';

export interface DataBucketProps {
  /** Whether the data outlive the stack. Default: they do. `DESTROY` removes the buckets if they are empty. */
  readonly removalPolicy?: RemovalPolicy;
}

/** The one bucket: private, by TLS alone, encrypted, versioned; it tells EventBridge what is put into it. */
export class DataBucket extends Construct {
  readonly bucket: IBucket;

  constructor(scope: Construct, id: string, props: DataBucketProps = {}) {
    super(scope, id);
    const common = {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
    };
    const accessLogs = new Bucket(this, 'AccessLogs', {
      ...common,
      lifecycleRules: [{ id: 'forget', expiration: Duration.days(90) }],
    });
    const bucket = new Bucket(this, 'Bucket', {
      ...common,
      versioned: true,
      serverAccessLogsBucket: accessLogs as IBucket,
      lifecycleRules: [
        {
          id: 'forget-old-versions',
          noncurrentVersionExpiration: Duration.days(30),
          abortIncompleteMultipartUploadAfter: Duration.days(7),
          expiredObjectDeleteMarker: true,
        },
        // What Step Functions writes about a Map: a copy of what is in the receipts.
        { id: 'forget-map-results', prefix: 'maps/', expiration: Duration.days(30) },
        // Checkpoints and bins lie within studies and datasets, and a life-cycle filter takes no pattern: they are not
        // deleted (a study may be resumed) but cost less once nobody reads them. Below 128 KiB S3 leaves them where they are.
        ...[keys.studiesPrefix, keys.datasetsPrefix].map((prefix) => ({
          id: `cool-${prefix.slice(0, -1)}`,
          prefix,
          transitions: [
            { storageClass: StorageClass.INTELLIGENT_TIERING, transitionAfter: Duration.days(7) },
          ],
        })),
      ],
    });
    // Not `eventBridgeEnabled`: that brings a function of CDK's own, which sets what CloudFormation can set itself.
    (bucket.node.defaultChild as CfnBucket).notificationConfiguration = {
      eventBridgeConfiguration: { eventBridgeEnabled: true },
    };
    // CDK's classes are not written for exactOptionalPropertyTypes, here and in mlflow-server.ts.
    this.bucket = bucket as IBucket;
  }
}
