import { Duration } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { FlowName } from '../core/contracts/functions.ts';
import { type Binding, uploadsPrefix } from '../core/contracts/uploads.ts';
import { acknowledge } from './acknowledge.ts';
import type { Flow } from './flow.ts';
import type { FanfareFunctions } from './functions.ts';

export interface UploadTriggerProps {
  readonly bucket: IBucket;
  /** The set that holds `receive-upload`. */
  readonly functions: FanfareFunctions;
  /** What uploads may start. */
  readonly flows: Readonly<Partial<Record<FlowName, Flow>>>;
  /** Which tables are predicted with which model. Default: none. */
  readonly bindings?: readonly Binding[];
}

/**
 * An object below `uploads/` → EventBridge → `receive-upload` → a flow. Flows write elsewhere, so nothing goes round; the
 * receiver's own answers (`*.error.json`) lie beside the uploads, and it drops their events unread, since a pattern
 * cannot ask for a beginning and deny an ending of the same field.
 */
export class UploadTrigger extends Construct {
  readonly rule: Rule;
  /** Events that could not be delivered, and those that the receiver failed on: nothing is lost in silence. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: UploadTriggerProps) {
    super(scope, id);
    const { bucket, flows, functions } = props;
    this.deadLetters = new Queue(this, 'DeadLetters', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    acknowledge(this.deadLetters, { SQS3: 'this is the dead-letter queue' });

    const receiver = functions.get('receive-upload');
    for (const [name, flow] of Object.entries(flows)) {
      receiver.addEnvironment(`FANFARE_${name.toUpperCase()}_FLOW`, flow.stateMachine.stateMachineArn);
    }
    receiver.addEnvironment('FANFARE_BINDINGS', JSON.stringify(props.bindings ?? []));
    receiver.addToRolePolicy(
      new PolicyStatement({
        actions: ['states:StartExecution'],
        resources: Object.values(flows).map(({ stateMachine }) => stateMachine.stateMachineArn),
      }),
    );
    // EventBridge hands over without waiting: what fails after that is Lambda's to retry, and to put here.
    receiver.configureAsyncInvoke({
      retryAttempts: 2,
      maxEventAge: Duration.hours(6),
      onFailure: new SqsDestination(this.deadLetters),
    });

    this.rule = new Rule(this, 'Uploaded', {
      description: 'Fanfare: an object below uploads/',
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: {
          bucket: { name: [bucket.bucketName] },
          object: { key: [{ prefix: uploadsPrefix }] },
        },
      },
      targets: [
        new LambdaFunction(receiver, {
          deadLetterQueue: this.deadLetters,
          maxEventAge: Duration.hours(24),
          retryAttempts: 185,
        }),
      ],
    });
  }
}
