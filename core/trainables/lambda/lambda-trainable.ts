import * as z from 'zod';
import { keys } from '../../contracts/keys.ts';
import { Scalar } from '../../contracts/names.ts';
import { type TrainableCall, TrainableDescription } from '../../contracts/trainable-call.ts';
import { digestOf } from '../../digest.ts';
import { FanfareError } from '../../errors.ts';
import type { Ports } from '../../steps/ports.ts';
import type { Trainable, TrainingTable } from '../../training/trainable.ts';
import { type CallPlace, LambdaRun } from './lambda-run.ts';

/** A trainable behind a Lambda function, as steps run it. `InvalidSpec` where it does not speak the contract. */
export async function lambdaTrainable(
  reference: string,
  ports: Pick<Ports, 'store' | 'calls' | 'remaining'>,
): Promise<Trainable<TrainingTable>> {
  const told = TrainableDescription.safeParse(await ports.calls.call(reference, { ask: 'describe' }));
  if (!told.success) {
    throw new FanfareError(
      'InvalidSpec',
      `tune.trainable ${reference}: asked to describe itself it did not answer as a trainable of version 1 does: ${told.error.issues[0]!.message}`,
    );
  }
  return {
    name: reference,
    resource: told.data.resource,
    tasks: told.data.tasks,
    params: z.record(z.string(), Scalar),
    prepare: async () => undefined,
    load: async (_cache, table) => table,
    start: (table, params, seed, checkpoint, { trial }) => {
      const place: CallPlace = {
        reference,
        ports,
        prefix: async () =>
          keys.calls(await digestOf({ reference, params, seed, trial, train: table.partitions('train') })),
      };
      const { fields, inputs, target, task, weight = null } = table;
      const at = (side: 'train' | 'validation') =>
        table.partitions(side).map(({ key, rows, sha256 }) => ({ uri: ports.calls.uri(key), rows, sha256 }));
      const data: TrainableCall['data'] = {
        ...{ fields, inputs, target, task, weight },
        ...{ train: at('train'), validation: at('validation') },
      };
      return new LambdaRun(place, { params, seed, trial, data }, checkpoint);
    },
  };
}
