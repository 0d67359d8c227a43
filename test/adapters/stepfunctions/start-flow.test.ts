import { expect, test } from 'vitest';
import { stepFunctions } from '../../../adapters/stepfunctions/start-flow.ts';

const starting = (answer: () => Promise<unknown>) => {
  const calls: unknown[] = [];
  const client = {
    startExecution: (input: unknown) => {
      calls.push(input);
      return answer();
    },
  };
  type Client = NonNullable<Parameters<typeof stepFunctions>[1]>;
  const start = stepFunctions((flow) => `arn:${flow}`, client as unknown as Client);
  return { start, calls };
};

test('a flow is started by its ARN and name, with its input as JSON', async () => {
  const { start, calls } = starting(async () => ({}));
  expect(await start('predict', 'n-1', { spec: 's' })).toBe('started');
  expect(calls).toEqual([{ stateMachineArn: 'arn:predict', name: 'n-1', input: '{"spec":"s"}' }]);
});

test('a name that was used already is no failure', async () => {
  const used = Object.assign(new Error('Execution Already Exists'), { name: 'ExecutionAlreadyExists' });
  expect(await starting(() => Promise.reject(used)).start('split', 'n', {})).toBe('exists');
});

test('any other refusal is', async () => {
  const gone = Object.assign(new Error('no such machine'), { name: 'StateMachineDoesNotExist' });
  await expect(starting(() => Promise.reject(gone)).start('split', 'n', {})).rejects.toBe(gone);
});
