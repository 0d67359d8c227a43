import { describe, expect, test } from 'vitest';
import { flows, functions } from '../../core/contracts/functions.ts';
import { access } from '../../infra/access.ts';
import { type Grant, grantsOf, tableOf } from '../../scripts/iam.mjs';
import { synthesise } from './synthesised.ts';

const secretArn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:mlflow-AbCdEf';
const grants = grantsOf(synthesise({ mlflow: { kind: 'secret', secretArn } }).toJSON());
const whoMay = (action: string, resource: RegExp) =>
  grants.filter((grant) => grant.action === action && resource.test(grant.resource)).map(({ who }) => who);
const of = (who: string) => grants.filter((grant) => grant.who === who);

/** The actions that AWS holds to no resource, each with whom it serves. */
const unbound: Readonly<Record<string, RegExp>> = {
  'xray:PutTraceSegments': /./,
  'xray:PutTelemetryRecords': /./,
  'xray:GetSamplingRules': / flow$/,
  'xray:GetSamplingTargets': / flow$/,
  'logs:CreateLogDelivery': / flow$/,
  'logs:GetLogDelivery': / flow$/,
  'logs:UpdateLogDelivery': / flow$/,
  'logs:DeleteLogDelivery': / flow$/,
  'logs:ListLogDeliveries': / flow$/,
  'logs:PutResourcePolicy': / flow$/,
  'logs:DescribeResourcePolicies': / flow$/,
  'logs:DescribeLogGroups': / flow$/,
};

describe('nobody', () => {
  test('was left out', () => {
    expect(new Set(grants.map(({ who }) => who)).size).toBe(Object.keys(functions).length + flows.length);
    expect(grants.length).toBeGreaterThan(200);
  });

  test('may do an action that is a pattern', () => {
    expect(grants.filter(({ action }) => action.includes('*'))).toEqual([]);
  });

  test('may do to everything what AWS lets be held to something', () => {
    const everywhere = grants.filter(({ resource }) => resource === '*');
    expect(everywhere.length).toBeGreaterThan(0);
    expect(everywhere.filter(({ action, who }) => !unbound[action]?.test(who))).toEqual([]);
  });

  test('may read, write or delete all of the bucket, or a whole kind of object that it has no step for', () => {
    const objects = grants.filter(({ action }) => /^s3:.*Object$/.test(action));
    expect(objects.length).toBeGreaterThan(80);
    const broad = objects.filter(({ resource }) => /^\{bucket\}\/(\*|[a-z]+\/\*)$/.test(resource));
    expect([...new Set(broad.map(({ resource }) => resource))].sort()).toEqual([
      '{bucket}/maps/*',
      '{bucket}/pending/*',
      '{bucket}/tables/*',
      '{bucket}/uploads/*',
    ]);
  });

  test('may write where code or tables lie, or beside uploads but the receiver with its answers', () => {
    expect(whoMay('s3:PutObject', /^\{bucket\}\/(code|tables)\//)).toEqual([]);
    expect(
      grants.filter(({ action, resource }) => action === 's3:PutObject' && resource.includes('/uploads/')),
    ).toEqual([
      expect.objectContaining({ who: 'ReceiveUploadFunction', resource: '{bucket}/uploads/*.error.json' }),
    ]);
  });

  test('lists the bucket without being held to prefixes', () => {
    const listing = grants.filter(({ action }) => action === 's3:ListBucket');
    expect(listing.length).toBeGreaterThan(10);
    for (const { condition } of listing) expect(condition).toContain('s3:prefix');
  });
});

describe('one alone', () => {
  test.each([
    ['reads the secret of MLflow', 'secretsmanager:GetSecretValue', /secret:mlflow/, 'AggregateFunction'],
    ['claims trials', 's3:PutObject', /claims/, 'AskFunction'],
    ['tells events', 's3:PutObject', /events/, 'TellFunction'],
    ['concludes studies', 's3:PutObject', /conclusion/, 'ConcludeStudyFunction'],
    ['makes datasets visible', 's3:PutObject', /datasets\/\*\/manifest/, 'CommitSplitFunction'],
    ['makes predictions visible', 's3:PutObject', /predictions\/\*\/manifest/, 'CommitPredictionFunction'],
    ['takes records off the list', 's3:DeleteObject', /pending/, 'AggregateFunction'],
    ['writes specifications', 's3:PutObject', /specs/, 'ReceiveUploadFunction'],
  ])('%s', (_, action, resource, who) => {
    expect(whoMay(action, resource)).toEqual([who]);
  });
});

describe('a flow', () => {
  test('invokes the functions that its file names, and no other', () => {
    const invoked = (who: string) =>
      of(who)
        .filter(({ action }) => action === 'lambda:InvokeFunction')
        .map(({ resource }) => resource)
        .sort();
    expect(invoked('Pipeline flow')).toEqual(['{AggregateFunction}', '{EvaluateFunction}']);
    expect(invoked('Split flow')).toEqual([
      '{CommitSplitFunction}',
      '{LoseShardFunction}',
      '{PlanSplitFunction}',
      '{SettleSplitFunction}',
      '{SplitShardFunction}',
      '{SurveyShardFunction}',
    ]);
    expect(whoMay('lambda:InvokeFunction', /ReceiveUpload/)).toEqual([]);
  });

  test.each([
    ['Split flow', 'Shards'],
    ['Split flow', 'Survey'],
    ['Tune flow', 'Lanes'],
    ['Predict flow', 'Shards'],
    ['Map flow', 'Shards'],
  ])('%s starts and stops its own Map Runs', (flow, label) => {
    expect(of(flow)).toContainEqual(
      expect.objectContaining({ action: 'states:StartExecution', resource: `{${flow}}` }),
    );
    for (const action of ['DescribeExecution', 'StopExecution', 'RedriveExecution']) {
      expect(of(flow)).toContainEqual(
        expect.objectContaining({
          action: `states:${action}`,
          resource: expect.stringContaining(`execution:{${flow}}/${label}:*`),
        }),
      );
    }
  });

  test('that runs others starts, follows and stops them, and hears of their end', () => {
    for (const flow of ['Split flow', 'Tune flow', 'Predict flow']) {
      expect(whoMay('states:StartExecution', new RegExp(`^\\{${flow}\\}$`))).toContain('Pipeline flow');
      expect(whoMay('states:StopExecution', new RegExp(`execution:\\{${flow}\\}:\\*$`))).toEqual([
        'Pipeline flow',
      ]);
    }
    expect(whoMay('events:PutRule', /rule\/StepFunctionsGetEventsForStepFunctionsExecutionRule$/)).toEqual([
      'Pipeline flow',
    ]);
  });
});

test('tables in other buckets are read by those who open tables, and by no other', () => {
  const others = grantsOf(synthesise({ tables: ['s3://lake/sales/'] }).toJSON());
  const lake = others.filter(({ resource }) => resource.includes(':s3:::lake'));
  const open = Object.entries(access).filter(([, { tables }]) => tables);
  expect(new Set(lake.map(({ who }) => who)).size).toBe(open.length);
  expect(new Set(lake.map(({ action }) => action))).toEqual(new Set(['s3:GetObject', 's3:ListBucket']));
});

test('functions of the user are called by those who train with them, where the settings name them', () => {
  const forest = 'arn:aws:lambda:eu-west-1:123456789012:function:forest';
  const invoking = grantsOf(synthesise({ trainables: [forest] }).toJSON()).filter(
    ({ resource }) => resource === forest,
  );
  expect(invoking.map(({ who, action }) => `${who} ${action}`).sort()).toEqual([
    'PrepareStudyFunction lambda:InvokeFunction',
    'TrainFunction lambda:InvokeFunction',
  ]);
});

test('the table names each role once, and says once what all may do', () => {
  const table = tableOf(grants);
  for (const who of new Set(grants.map((grant: Grant) => grant.who))) {
    expect(table.split('\n').filter((line) => line === who)).toEqual([who]);
  }
  expect(table.split('xray:PutTraceSegments')).toHaveLength(3);
});
