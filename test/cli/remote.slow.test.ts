import { CloudFormation } from '@aws-sdk/client-cloudformation';
import { S3 } from '@aws-sdk/client-s3';
import { SFN } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { s3Options } from '../../adapters/s3/options.ts';
import { type Desk, documentOf, openDesk, refusal, until } from '../support/cli.ts';
import { type MiniStack, startMiniStack } from '../support/ministack.ts';

const dataset = 'late-0123456789ab';

/** A flow that answers at once. */
const answering = (Result: unknown) => ({
  StartAt: 'Done',
  States: { Done: { Type: 'Pass', Result, End: true } },
});

/** A flow that would take an hour. */
const waiting = { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 3600, End: true } } };

const failing = {
  StartAt: 'Failed',
  States: {
    Failed: {
      Type: 'Fail',
      Error: 'FlowFailed',
      Cause: JSON.stringify({ Error: 'BadTable', Cause: '{"errorType":"BadTable","errorMessage":"row 7"}' }),
    },
  },
};

const machine = (name: string, definition: unknown) => ({
  Type: 'AWS::StepFunctions::StateMachine',
  Properties: {
    StateMachineName: name,
    DefinitionString: JSON.stringify(definition),
    RoleArn: 'arn:aws:iam::000000000000:role/any',
  },
});

/** The stack as the CLI sees it: a bucket, five flows, and the outputs that tell where they are. */
const template = {
  Resources: {
    Data: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'fanfare-cli-test' } },
    Split: machine('split', answering({ dataset, rows: { train: 7, validation: 2, test: 1 } })),
    Tune: machine('tune', answering({})),
    Predict: machine('predict', failing),
    Pipeline: machine('pipeline', waiting),
    Map: machine('map', waiting),
  },
  Outputs: {
    DataBucket: { Value: { Ref: 'Data' } },
    SplitFlow: { Value: { Ref: 'Split' } },
    TuneFlow: { Value: { Ref: 'Tune' } },
    PredictFlow: { Value: { Ref: 'Predict' } },
    PipelineFlow: { Value: { Ref: 'Pipeline' } },
    MapFlow: { Value: { Ref: 'Map' } },
  },
};

let aws: MiniStack;
let desk: Desk;
let s3: S3;
let sfn: SFN;
let spec: string;

beforeAll(async () => {
  aws = await startMiniStack();
  const options = {
    endpoint: aws.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  s3 = new S3({ ...options, ...s3Options(aws.env) });
  sfn = new SFN(options);
  const formation = new CloudFormation(options);
  await formation.createStack({ StackName: 'Fanfare', TemplateBody: JSON.stringify(template) });
  const made = async () => {
    const { Stacks } = await formation.describeStacks({ StackName: 'Fanfare' });
    return Stacks?.[0]?.StackStatus === 'CREATE_COMPLETE' || undefined;
  };
  await until(made);
  formation.destroy();
  desk = await openDesk();
  await desk.write('late.csv', 'x,late\n1,0\n2,1\n');
  spec = await desk.write(
    'late.yaml',
    '{ name: late, table: late.csv, target: late, tune: { space: { learning_rate: 0.1 } } }',
  );
});

afterAll(async () => {
  await desk?.clear();
  s3?.destroy();
  sfn?.destroy();
  await aws?.close();
});

const run = (...args: string[]) => desk.run([...args, '--engine', 'aws'], aws.env);
const arnOf = (flow: string) => `arn:aws:states:us-east-1:000000000000:stateMachine:${flow}`;
const executionsOf = async (flow: string) =>
  (await sfn.listExecutions({ stateMachineArn: arnOf(flow) })).executions ?? [];
const keysBelow = async (Prefix: string) =>
  (await s3.listObjectsV2({ Bucket: 'fanfare-cli-test', Prefix })).Contents?.map(({ Key }) => Key) ?? [];

describe('fanfare … --engine aws', () => {
  test('uploads the table, runs the flow of the stack, and answers as it does on this machine', async () => {
    const ended = await run('split', spec, '--json');
    expect(documentOf(ended)).toMatchObject({
      split: { train: 7, validation: 2, test: 1 },
      store: 's3://fanfare-cli-test',
      files: { dataset: `datasets/${dataset}/` },
    });
    expect(ended.stderr).toContain('uploading late.csv');
    expect(ended.stderr).not.toContain('NodeVersionSupportWarning');
    const [table, ...others] = await keysBelow('tables/');
    expect(table).toMatch(/^tables\/late-[0-9a-f]{12}\/late\.csv$/);
    expect(others).toEqual([]);
    const [execution] = await executionsOf('split');
    const { input } = await sfn.describeExecution({ executionArn: execution!.executionArn! });
    const key = `specs/${(JSON.parse(input!) as { spec: string }).spec}.json`;
    const { Body } = await s3.getObject({ Bucket: 'fanfare-cli-test', Key: key });
    expect(JSON.parse(await Body!.transformToString())).toMatchObject({
      name: 'late',
      table: { path: `s3://fanfare-cli-test/${table}` },
    });
  });

  test('does nothing twice, and another table is another run', async () => {
    const again = await run('split', spec, '--json');
    expect(documentOf(again)).toMatchObject({ split: { train: 7 } });
    expect(again.stderr).not.toContain('uploading');
    expect(await executionsOf('split')).toHaveLength(1);
    await desk.write('late.csv', 'x,late\n1,0\n2,1\n3,1\n');
    documentOf(await run('split', spec, '--json'));
    expect(await executionsOf('split')).toHaveLength(2);
    expect(await keysBelow('tables/')).toHaveLength(2);
  });

  test('says what a function said when a flow fails, and tries again under the next number', async () => {
    for (const number of [1, 2]) {
      expect(refusal(await run('predict', spec))).toContain('BadTable: row 7');
      const names = (await executionsOf('predict')).map(({ name }) => name).sort();
      expect(names).toHaveLength(number);
      expect(names.at(-1)).toMatch(new RegExp(`^late-[0-9a-f]{12}-${number}$`));
    }
  });

  test('stops following at SIGINT and says how to go on; status, stop and resume know the run by its name', async () => {
    const command = ['pipeline', spec, '--engine', 'aws'];
    const following = desk.start(command, aws.env);
    await expect.poll(async () => (await executionsOf('pipeline')).length, { timeout: 20_000 }).toBe(1);
    following.child.kill('SIGINT');
    const { code, stdout, stderr } = await following.ended;
    expect([code, stdout]).toEqual([130, '']);
    expect(stderr).toContain('fanfare stop late --engine aws');
    const running = async () =>
      (await executionsOf('pipeline')).filter(({ status }) => status === 'RUNNING').map(({ name }) => name);
    const [first] = await running();
    expect((await run('status', 'late')).stdout).toContain(`${first}  pipeline running`);

    const second = desk.start(['resume', 'late', '--engine', 'aws'], aws.env);
    await expect.poll(() => second.said().stderr, { timeout: 20_000 }).toContain('pipeline late');
    expect((await run('stop', 'late')).stdout).toBe(`stopped execution ${first} of flow pipeline\n`);
    expect(refusal(await second.ended)).toContain('the same command goes on from there');
    expect(await running()).toEqual([]);

    const third = desk.start(['resume', 'late', '--engine', 'aws'], aws.env);
    await expect.poll(running, { timeout: 20_000 }).toEqual([first!.replace(/1$/, '2')]);
    documentOf(await run('stop', 'late', '--json'));
    await third.ended;
    expect((await run('stop', 'late')).stdout).toContain('nothing named late runs');
  });

  test('refuses a second command of that name that would do something else', async () => {
    const other = await desk.write(
      'other.yaml',
      '{ name: late, table: late.csv, target: late, tune: { space: { learning_rate: 0.2 } } }',
    );
    const following = desk.start(['pipeline', spec, '--engine', 'aws'], aws.env);
    await expect.poll(async () => (await executionsOf('pipeline')).length, { timeout: 20_000 }).toBe(3);
    expect(refusal(await run('pipeline', other))).toMatch(
      /late is being run by execution late-\w+-3 of flow/,
    );
    await run('stop', 'late');
    await following.ended;
  });

  test('says which stack it looked for, and where', async () => {
    expect(refusal(await run('status', '--stack', 'Team'))).toContain(
      `there is no stack Team in region us-east-1, endpoint ${aws.endpoint}`,
    );
    const { AWS_ENDPOINT_URL: _, ...rest } = aws.env;
    const nowhere = { ...rest, AWS_REGION: '', AWS_DEFAULT_REGION: '', AWS_CONFIG_FILE: '/none' };
    expect(refusal(await desk.run(['status', '--engine', 'aws'], nowhere))).toContain('no AWS region is set');
    expect(refusal(await run('resume', 'early'))).toContain('nothing named early was run');
  });
});
