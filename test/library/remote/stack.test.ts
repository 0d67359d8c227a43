import { expect, test } from 'vitest';
import { findStack } from '../../../library/remote/stack.ts';

const outputs = {
  DataBucket: 'bucket',
  SplitFlow: 'arn:s',
  TuneFlow: 'arn:t',
  PredictFlow: 'arn:p',
  PipelineFlow: 'arn:l',
  MapFlow: 'arn:m',
};
const where = 'region eu-west-1, account 123456789012';

test('a stack is found by its outputs', async () => {
  expect(await findStack(async () => outputs, 'Fanfare', where)).toEqual({
    bucket: 'bucket',
    flows: { split: 'arn:s', tune: 'arn:t', predict: 'arn:p', pipeline: 'arn:l', map: 'arn:m' },
  });
});

test('where there is none, the message says which was looked for, where, and how to have one', async () => {
  await expect(findStack(async () => undefined, 'Team', where)).rejects.toMatchObject({
    name: 'MissingInput',
    message: expect.stringMatching(
      /^there is no stack Team in region eu-west-1, account 123456789012; npm run deploy/,
    ),
  });
});

test('a stack of somebody else is told by the output that it lacks', async () => {
  const { TuneFlow: _, ...others } = outputs;
  await expect(findStack(async () => others, 'Fanfare', where)).rejects.toThrow(
    'no output TuneFlow (it has: DataBucket, MapFlow, PipelineFlow, PredictFlow, SplitFlow)',
  );
});
