import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import {
  type FlowName,
  type FunctionName,
  flows,
  functions,
  substitutionOf,
} from '../core/contracts/functions.ts';
import { acknowledgeWildcards } from './acknowledge.ts';
import { FanfareFunctions } from './functions.ts';
import { projectRoot } from './project.ts';

/** What every flow construct takes. */
export interface FlowProps {
  /** Where Fanfare keeps its objects. */
  readonly bucket: IBucket;
  /** Default: functions of its own, of those that the flow calls. Flows that share a bucket and an MLflow should share them. */
  readonly functions?: FanfareFunctions;
  /** How shards run; `EXPRESS` is cheaper, and only for shards that surely end within 5 minutes. Default: `STANDARD`. */
  readonly shardExecutionType?: 'STANDARD' | 'EXPRESS';
  /** Default: 90 days. */
  readonly logRetention?: RetentionDays;
}

interface FlowParts extends FlowProps {
  readonly name: FlowName;
  readonly functions: FanfareFunctions;
  /** The flows that it starts and waits for. */
  readonly starts?: Readonly<Partial<Record<FlowName, Flow>>>;
  /** Keys that its Maps read their items from. */
  readonly reads?: readonly string[];
  /** Keys that its Maps write. */
  readonly writes?: readonly string[];
}

/** The state machine of one file in `flows/`, and what it may do. */
export class Flow extends Construct {
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, parts: FlowParts) {
    super(scope, id);
    const { name, bucket, starts = {} } = parts;
    const called = callsOf(name);
    this.stateMachine = new StateMachine(this, 'Flow', {
      comment: `Fanfare: ${name}`,
      definitionBody: DefinitionBody.fromFile(fileOf(name)),
      definitionSubstitutions: {
        DataBucket: bucket.bucketName,
        ShardExecutionType: parts.shardExecutionType ?? 'STANDARD',
        ...Object.fromEntries(
          called.functions.map((each) => [
            substitutionOf(each, 'Function'),
            parts.functions.get(each).functionArn,
          ]),
        ),
        ...Object.fromEntries(
          called.flows.map((each) => [
            substitutionOf(each, 'Flow'),
            required(starts[each], each).stateMachine.stateMachineArn,
          ]),
        ),
      },
      tracingEnabled: true,
      logs: {
        destination: new LogGroup(this, 'Logs', {
          // Step Functions keeps to one resource policy for all groups that begin so.
          logGroupName: `/aws/vendedlogs/states/${Stack.of(this).stackName}-${this.node.addr.slice(0, 8)}-${name}`,
          retention: parts.logRetention ?? RetentionDays.THREE_MONTHS,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
        level: LogLevel.ALL,
        includeExecutionData: false,
      },
    });
    this.grant(parts, called);
  }

  private grant(parts: FlowParts, called: Calls): void {
    const { bucket, starts = {}, reads = [], writes = [] } = parts;
    const allow = (actions: readonly string[], resources: readonly string[]) => {
      if (resources.length === 0) return;
      this.stateMachine.addToRolePolicy(
        new PolicyStatement({ actions: [...actions], resources: [...resources] }),
      );
    };
    const objects = (patterns: readonly string[]) => patterns.map((pattern) => bucket.arnForObjects(pattern));
    allow(
      ['lambda:InvokeFunction'],
      called.functions.map((each) => parts.functions.get(each).functionArn),
    );
    allow(['s3:GetObject'], objects(reads));
    allow(
      ['s3:PutObject', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'],
      objects(writes),
    );
    if (called.maps.length > 0) this.grantMapRuns(called.maps);
    for (const each of called.flows) this.grantNested(required(starts[each], each).stateMachine, allow);
    if (called.flows.length > 0) {
      // How `.sync` learns of a nested execution's end.
      const rule = 'rule/StepFunctionsGetEventsForStepFunctionsExecutionRule';
      allow(['events:PutTargets', 'events:PutRule', 'events:DescribeRule'], [this.arn('events', rule)]);
    }
    acknowledgeWildcards(this, [
      [/^\*$/, 'log delivery and X-Ray take no resource'],
      [
        /:execution:.*\*$/,
        'executions are named when they start; it is held to those of one state machine, or one Map',
      ],
      [/\/(maps|datasets|predictions|studies)\/.*\*/, 'ids are part of keys'],
    ]);
  }

  /** A distributed Map starts its own state machine. A policy of its own, since that machine waits for its role's first. */
  private grantMapRuns(labels: readonly string[]): void {
    const { stateMachineArn, stateMachineName } = this.stateMachine;
    const policy = new Policy(this, 'MapRuns', {
      statements: [
        new PolicyStatement({ actions: ['states:StartExecution'], resources: [stateMachineArn] }),
        new PolicyStatement({
          actions: ['states:DescribeExecution', 'states:StopExecution', 'states:RedriveExecution'],
          resources: labels.map((label) => this.arn('states', `execution:${stateMachineName}/${label}:*`)),
        }),
      ],
    });
    policy.attachToRole(this.stateMachine.role);
  }

  private grantNested(
    child: StateMachine,
    allow: (actions: readonly string[], resources: readonly string[]) => void,
  ): void {
    allow(['states:StartExecution'], [child.stateMachineArn]);
    allow(
      ['states:DescribeExecution', 'states:StopExecution'],
      [this.arn('states', `execution:${child.stateMachineName}:*`)],
    );
  }

  private arn(service: string, rest: string): string {
    return Stack.of(this).formatArn({ service, resource: rest, arnFormat: ArnFormat.NO_RESOURCE_NAME });
  }
}

/** What a flow's file names, and so what it has to be allowed. */
export interface Calls {
  readonly functions: readonly FunctionName[];
  readonly flows: readonly FlowName[];
  /** Labels of its distributed Maps. */
  readonly maps: readonly string[];
}

export function callsOf(name: FlowName): Calls {
  const text = readFileSync(fileOf(name), 'utf8');
  const named = new Set([...text.matchAll(/\$\{(\w+)\}/g)].map(([, placeholder]) => placeholder));
  return {
    functions: (Object.keys(functions) as FunctionName[]).filter((each) =>
      named.has(substitutionOf(each, 'Function')),
    ),
    flows: flows.filter((each) => named.has(substitutionOf(each, 'Flow'))),
    maps: [...text.matchAll(/"Label":\s*"(\w+)"/g)].map(([, label]) => label!),
  };
}

/** The functions of a flow that is used on its own. */
export const ownFunctions = (
  scope: Construct,
  id: string,
  name: FlowName,
  { bucket, logRetention }: FlowProps,
): FanfareFunctions =>
  new FanfareFunctions(scope, `${id}Functions`, {
    bucket,
    only: callsOf(name).functions,
    ...(logRetention !== undefined && { logRetention }),
  });

const fileOf = (name: FlowName): string => join(projectRoot, 'flows', `${name}.asl.json`);

function required(flow: Flow | undefined, name: FlowName): Flow {
  if (flow) return flow;
  throw new Error(`flows/ names the flow ${name}, but its construct was not given`);
}
