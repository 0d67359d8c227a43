import { describe, expect, test } from 'vitest';
import { readSettings } from '../../infra/settings.ts';

const refused = (fanfare: unknown, more: Readonly<Record<string, unknown>> = {}): string => {
  try {
    readSettings({ fanfare, ...more });
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was refused';
};

describe('the settings', () => {
  test('are all optional', () => {
    expect(readSettings({})).toEqual({
      stackName: 'Fanfare',
      architecture: 'x86_64',
      mlflow: { kind: 'none' },
      bindings: [],
      tables: [],
      trainables: [],
      logRetentionDays: 90,
      removalPolicy: 'retain',
      shardExecutionType: 'STANDARD',
      memoryMiB: {},
    });
  });

  test('may be given one by one on the command line, as text or JSON, over those of cdk.json', () => {
    const settings = readSettings({
      fanfare: { architecture: 'x86_64', logRetentionDays: 30 },
      'fanfare.architecture': 'arm64',
      'fanfare.memoryMiB': '{"train":3538}',
      'fanfare.mlflow': 'fargate',
    });
    expect(settings).toMatchObject({
      architecture: 'arm64',
      logRetentionDays: 30,
      memoryMiB: { train: 3538 },
      mlflow: { kind: 'fargate' },
    });
  });

  test('leave the rest of the context to CDK', () => {
    expect(readSettings({ '@aws-cdk/core:checkSecretUsage': true, other: 1 }).stackName).toBe('Fanfare');
  });

  test('name an unknown one with the nearest that is known', () => {
    expect(refused({ arhitecture: 'arm64' })).toContain(
      'fanfare.arhitecture is no setting; did you mean architecture?',
    );
    expect(refused({}, { 'fanfare.alarmMail': 'a@b.c' })).toContain('did you mean alarmEmail?');
  });

  test('name every bad one at once', () => {
    const message = refused({
      architecture: 'mips',
      logRetentionDays: 42,
      memoryMiB: { train: 64 },
      tables: ['lake/sales'],
      alarmEmail: 'nobody',
      bindings: [{ prefix: 'elsewhere/', model: 'churn' }],
      mlflow: { kind: 'secret', secretArn: 'mlflow' },
    });
    for (const where of [
      'fanfare.architecture: ',
      'fanfare.logRetentionDays: use one of 1, 3, 5',
      'fanfare.memoryMiB.train: ',
      'fanfare.tables.0: use s3://bucket/',
      'fanfare.alarmEmail: ',
      'fanfare.bindings.0.prefix: ',
      'fanfare.bindings.0.model: ',
      'fanfare.mlflow.secretArn: ',
    ]) {
      expect(message).toContain(where);
    }
  });

  test('name a function that there is none of', () => {
    expect(refused({ memoryMiB: { trian: 2048 } })).toMatch(/fanfare\.memoryMiB.*train/s);
  });

  test.each([['text that is no JSON object'], [[]], [3]])('are an object, not %j', (given) => {
    expect(refused(given)).toContain('give an object of settings');
  });
});
