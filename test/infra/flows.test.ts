import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Bucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, test } from 'vitest';
import { flows } from '../../core/contracts/functions.ts';
import { callsOf } from '../../infra/flow.ts';
import { FanfareFunctions } from '../../infra/functions.ts';
import { TuningFlow } from '../../infra/tuning-flow.ts';
import { fakeBundles, resourcesOf, synthesise } from './synthesised.ts';

interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly Label?: string;
  readonly MaxConcurrency?: number;
  readonly MaxConcurrencyPath?: string;
  readonly ItemReader?: object;
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[] }[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly ItemProcessor?: Machine & { readonly ProcessorConfig?: object };
  readonly Branches?: readonly Machine[];
}
interface Machine {
  readonly States: Readonly<Record<string, State>>;
}
interface Placed {
  readonly name: string;
  readonly state: State;
  /** The Maps and Parallels around it, the nearest first. */
  readonly around: readonly State[];
  readonly beside: Machine;
}

type Validate = (definition: object) => { readonly isValid: boolean; readonly errorsText: () => string };
const validate: Validate = createRequire(import.meta.url)('asl-validator');

const template = synthesise();
const machines = resourcesOf(template, 'AWS::StepFunctions::StateMachine');
const textOf = (flow: string) =>
  readFileSync(new URL(`../../flows/${flow}.asl.json`, import.meta.url), 'utf8');

/** The state machine of a flow: its definition names functions that no other flow's does. */
const machineOf = (flow: string) =>
  machines.find(({ id }) => id.startsWith(`${flow[0]!.toUpperCase()}${flow.slice(1)}Flow`))!;

/** The file with the values that CloudFormation will put into it. */
function substituted(flow: string): string {
  const values = machineOf(flow).Properties.DefinitionSubstitutions as Record<string, unknown>;
  const arn = (value: unknown) =>
    typeof value === 'string' ? value : 'arn:aws:lambda:eu-west-1:123456789012:function:some';
  return textOf(flow).replaceAll(/\$\{(\w+)\}/g, (placeholder, name: string) =>
    name in values ? arn(values[name]) : placeholder,
  );
}

function placedIn(machine: Machine, around: readonly State[] = []): Placed[] {
  return Object.entries(machine.States).flatMap(([name, state]) => [
    { name, state, around, beside: machine },
    ...[...(state.Branches ?? []), ...(state.ItemProcessor ? [state.ItemProcessor] : [])].flatMap((inner) =>
      placedIn(inner, [state, ...around]),
    ),
  ]);
}

const states = flows.flatMap((flow) =>
  placedIn(JSON.parse(textOf(flow)) as Machine).map((placed) => ({ flow, ...placed })),
);
const tasks = states.filter(({ state }) => state.Type === 'Task');
const invocations = tasks.filter(({ state }) => state.Resource === 'arn:aws:states:::lambda:invoke');

describe.each(flows)('the flow %s', (flow) => {
  test('is given a value for every placeholder of its file, and no other', () => {
    const written = new Set([...textOf(flow).matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name));
    const given = Object.keys(machineOf(flow).Properties.DefinitionSubstitutions as object);
    expect(given).toEqual(expect.arrayContaining([...written]));
    expect(substituted(flow)).not.toContain('${');
  });

  test('passes the validator as it is deployed', () => {
    const result = validate(JSON.parse(substituted(flow)));
    expect(result.isValid ? '' : result.errorsText()).toBe('');
  });

  test('is Standard, traced, and logs every event without the data', () => {
    expect(machineOf(flow).Properties).toMatchObject({
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
    });
    expect(machineOf(flow).Properties.StateMachineType ?? 'STANDARD').toBe('STANDARD');
  });
});

test('the validator would see a state that is not there', () => {
  const broken = { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' } } };
  expect(validate(broken).isValid).toBe(false);
});

describe('a Task', () => {
  test('was looked at, in all flows', () => expect(tasks.length).toBeGreaterThanOrEqual(20));

  test.each(invocations)('$flow/$name retries throttling and service errors by name', ({ state }) => {
    const [first] = state.Retry ?? [];
    expect(first?.ErrorEquals).toEqual(
      expect.arrayContaining([
        'Lambda.TooManyRequestsException',
        'Lambda.ServiceException',
        'Lambda.AWSLambdaException',
        'Lambda.SdkClientException',
      ]),
    );
  });

  // A nested flow's name is made of its parent's, and a name is taken once: the nested flow retries within itself.
  test.each(tasks.filter((task) => !invocations.includes(task)))(
    '$flow/$name starts a flow and is not retried',
    ({ state }) => {
      expect(state.Resource).toBe('arn:aws:states:::states:startExecution.sync:2');
      expect(state.Retry).toBeUndefined();
    },
  );

  test.each(tasks)('$flow/$name fails to somewhere', ({ state, around, beside }) => {
    const own = state.Catch?.at(-1);
    if (own) {
      expect(own.ErrorEquals).toEqual(['States.ALL']);
      expect(Object.keys(beside.States)).toContain(own.Next);
      return;
    }
    // What only writes down how a lane or a shard ended has nowhere to go but out: the Map or Parallel around it catches.
    expect(
      around.some((outer) => outer.Catch?.some(({ ErrorEquals }) => ErrorEquals[0] === 'States.ALL')),
    ).toBe(true);
  });
});

describe('a Map', () => {
  const maps = states.filter(({ state }) => state.Type === 'Map');

  test('was found in its flow', () => {
    expect(maps.map(({ flow, state }) => `${flow} ${state.Label}`)).toEqual([
      'split Survey',
      'split Shards',
      'tune Gather',
      'tune Lanes',
      'tune TrainGathers',
      'predict Shards',
      'map Shards',
    ]);
    for (const { flow, state } of maps) expect(callsOf(flow).maps).toContain(state.Label);
  });

  test.each(maps)(
    '$flow/$name is distributed, bounded, reads its items from the bucket and is caught',
    ({ state }) => {
      expect(state.ItemProcessor?.ProcessorConfig).toMatchObject({ Mode: 'DISTRIBUTED' });
      expect(state.MaxConcurrency ?? state.MaxConcurrencyPath).toBeTruthy();
      expect(state.ItemReader).toMatchObject({ Resource: 'arn:aws:states:::s3:getObject' });
      expect(state.Catch?.at(-1)?.ErrorEquals).toEqual(['States.ALL']);
    },
  );

  test('runs shards as Express where it is asked to, and lanes never', () => {
    const express = synthesise({ shardExecutionType: 'EXPRESS' });
    const given = resourcesOf(express, 'AWS::StepFunctions::StateMachine').map(
      ({ Properties }) => (Properties.DefinitionSubstitutions as Record<string, unknown>).ShardExecutionType,
    );
    expect(given).toContain('EXPRESS');
    expect(JSON.stringify(JSON.parse(textOf('tune')))).not.toContain('ShardExecutionType');
  });
});

test('a flow is of use by itself in another app, with the functions that it calls', () => {
  const stack = new Stack(new App(), 'Theirs');
  const bucket = new Bucket(stack, 'Bucket') as IBucket;
  const { tune } = { tune: callsOf('tune').functions };
  const functions = new FanfareFunctions(stack, 'Functions', { bucket, only: tune, ...fakeBundles() });
  new TuningFlow(stack, 'Tune', { bucket, functions });
  const theirs = Template.fromStack(stack);
  theirs.resourceCountIs('AWS::StepFunctions::StateMachine', 1);
  theirs.resourceCountIs('AWS::Lambda::Function', tune.length);
});
