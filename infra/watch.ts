import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { type FlowName, type FunctionName, substitutionOf } from '../core/contracts/functions.ts';
import { measures, measuresNamespace } from '../core/contracts/measures.ts';
import type { Flow } from './flow.ts';
import type { FanfareFunctions } from './functions.ts';
import type { UploadTrigger } from './upload-trigger.ts';

export interface WatchProps {
  readonly flows: Readonly<Record<FlowName, Flow>>;
  readonly functions: FanfareFunctions;
  readonly uploads: UploadTrigger;
  /** Gets a mail when an alarm goes off. Default: nobody. */
  readonly alarmEmail?: string;
}

const period = Duration.minutes(5);
/**
 * Alarms for what somebody should look at, and one dashboard. Ten alarms, since that many are free; each of one metric,
 * since MiniStack refuses metric math.
 */
export class Watch extends Construct {
  private readonly topic: Topic | undefined;

  constructor(scope: Construct, id: string, props: WatchProps) {
    super(scope, id);
    if (props.alarmEmail !== undefined) {
      this.topic = new Topic(this, 'Alarms', { enforceSSL: true });
      this.topic.addSubscription(new EmailSubscription(props.alarmEmail));
    }
    this.watchFlows(props);
    this.watchFunctions(props);
    this.watchUploads(props);
    this.dashboard(props);
  }

  private watchFlows({ flows }: WatchProps): void {
    for (const [name, { stateMachine }] of Object.entries(flows)) {
      // Nothing but a command starts it, which waits and says why it failed.
      if (name === 'map') continue;
      const why = `The flow ${name} failed: its execution in Step Functions says why`;
      this.alarm(
        `${substitutionOf(name as FlowName, 'Flow')}Failed`,
        why,
        stateMachine.metricFailed({ period }),
        1,
      );
    }
  }

  /** Errors in a flow are retried, and fail it if that does not help: what no flow waits for is watched here. */
  private watchFunctions({ functions }: WatchProps): void {
    this.alarm(
      'AggregateErrors',
      'What talks to MLflow fails itself: see its log',
      functions.get('aggregate').metricErrors({ period }),
      10,
    );
    for (const name of ['train', 'predict-shard'] as const) {
      this.alarm(
        `${substitutionOf(name, 'Function')}Throttles`,
        `Lambda throttles ${name}: fewer lanes or shards at once, or ask for a higher account limit`,
        functions.get(name).metricThrottles({ period }),
        100,
      );
    }
  }

  private watchUploads({ uploads }: WatchProps): void {
    const letters = uploads.deadLetters.metricApproximateNumberOfMessagesVisible({
      period,
      statistic: 'Maximum',
    });
    this.alarm('UploadLost', 'An upload could not be handed over: see the dead-letter queue', letters, 1);
    this.alarm(
      'UploadRefused',
      'An upload was not understood: the .error.json beside it says why',
      own(measures.uploadsRefused, 'receive-upload', 'Sum'),
      1,
    );
    this.alarm(
      'PendingRecords',
      'MLflow has missed records for an hour: is it up, and do its credentials hold?',
      own(measures.pendingRecords, 'aggregate', 'Maximum'),
      1,
      12,
    );
  }

  /** Goes off when the metric was at least `threshold` in each of `periods` periods of five minutes. */
  private alarm(id: string, description: string, metric: IMetric, threshold: number, periods = 1): void {
    const alarm = new Alarm(this, id, {
      alarmDescription: description,
      metric,
      threshold,
      evaluationPeriods: periods,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    if (this.topic) alarm.addAlarmAction(new SnsAction(this.topic));
  }

  private dashboard({ flows, functions, uploads }: WatchProps): void {
    const machines = Object.values(flows).map(({ stateMachine }) => stateMachine);
    const lambdas = functions.names.map((name) => functions.get(name));
    const graph = (title: string, left: IMetric[], right: IMetric[] = []) =>
      new GraphWidget({ title, left, right, width: 12 });
    new Dashboard(this, 'Dashboard', {
      widgets: [
        [
          graph(
            'Flows: started, failed',
            machines.map((machine) => machine.metricStarted({ period })),
            machines.map((machine) => machine.metricFailed({ period })),
          ),
          graph(
            'Flows: milliseconds',
            machines.map((machine) => machine.metricTime({ period })),
          ),
        ],
        [
          graph('Functions: at the same time', concurrent(functions)),
          graph(
            'Functions: errors, throttles',
            lambdas.map((lambda) => lambda.metricErrors({ period })),
            lambdas.map((lambda) => lambda.metricThrottles({ period })),
          ),
        ],
        [
          graph('Rows', [
            own(measures.rowsPredicted, 'commit-prediction', 'Sum'),
            own(measures.rowsRejected, 'commit-prediction', 'Sum'),
          ]),
          graph(
            'Training',
            [own(measures.rungsTrained, 'train', 'Sum'), own(measures.trialsFailed, 'tell', 'Sum')],
            [own(measures.pendingRecords, 'aggregate', 'Maximum')],
          ),
        ],
        [
          graph('Uploads', [
            own(measures.uploadsStarted, 'receive-upload', 'Sum'),
            own(measures.uploadsRefused, 'receive-upload', 'Sum'),
            uploads.deadLetters.metricApproximateNumberOfMessagesVisible({ period }),
          ]),
        ],
      ],
    });
  }
}

/** A metric that functions write into their logs (Powertools). */
const own = (metricName: string, service: FunctionName, statistic: string): Metric =>
  new Metric({ namespace: measuresNamespace, metricName, dimensionsMap: { service }, statistic, period });

const concurrent = (functions: FanfareFunctions): Metric[] =>
  ['train', 'split-shard', 'predict-shard'].map((name) =>
    functions.get(name).metric('ConcurrentExecutions', { period, statistic: 'Maximum' }),
  );
