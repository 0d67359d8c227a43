import { userTrainable } from '../code/user-trainable.ts';
import type { BuiltIn } from '../contracts/names.ts';
import type { Ports } from '../steps/ports.ts';
import { forest } from '../training/forest/forest.ts';
import { gbdt } from '../training/gbdt/gbdt.ts';
import { linear } from '../training/linear/linear.ts';
import { mlp } from '../training/mlp/mlp.ts';
import type { Trainable } from '../training/trainable.ts';
import { lambdaTrainable } from './lambda/lambda-trainable.ts';
import { onnxTrainable } from './onnx/onnx-trainable.ts';

const own: Readonly<Record<BuiltIn, Trainable>> = { forest, gbdt, linear, mlp };

/** The trainables of our own, by the name that specifications give them. */
export const trainables: Readonly<Record<string, Trainable>> = own;

/**
 * The trainable that a specification names: one of ours, `onnx` (models that are there), a module of the user's (`code:<digest>`), or a function of their own
 * (`arn:…`, `python:<digest>`).
 */
export async function trainableOf(
  reference: string,
  ports: Pick<Ports, 'loadCode' | 'loadModel' | 'store' | 'calls' | 'remaining'>,
): Promise<Trainable> {
  const ours = trainables[reference];
  if (ours) return ours;
  if (reference === 'onnx') return onnxTrainable(ports);
  return /^(arn|python):/.test(reference)
    ? lambdaTrainable(reference, ports)
    : userTrainable(await ports.loadCode(reference), reference);
}
