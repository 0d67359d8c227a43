import { Duration } from 'aws-cdk-lib';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import type { FanfareFunctions } from './functions.ts';

export interface PendingScheduleProps {
  /** The set that holds `aggregate`. */
  readonly functions: FanfareFunctions;
  /** Minutes between two attempts. Default: 15. */
  readonly everyMinutes?: number;
}

/**
 * Sends MLflow what it missed. It stands always: to turn it on and off would take a function and a race, and looking at an
 * empty `pending/` 96 times a day costs about a cent a month.
 */
export class PendingSchedule extends Construct {
  constructor(scope: Construct, id: string, { functions, everyMinutes = 15 }: PendingScheduleProps) {
    super(scope, id);
    new Rule(this, 'Retry', {
      description: 'Fanfare: send MLflow what is pending',
      schedule: Schedule.rate(Duration.minutes(everyMinutes)),
      targets: [
        new LambdaFunction(functions.get('aggregate'), {
          event: RuleTargetInput.fromObject({ kind: 'pending' }),
          // The next one comes anyway.
          retryAttempts: 0,
        }),
      ],
    });
  }
}
