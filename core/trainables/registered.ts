import { userTrainable } from '../code/user-trainable.ts';
import type { Ports } from '../steps/ports.ts';
import { gbdt } from '../training/gbdt/gbdt.ts';
import { mlp } from '../training/mlp/mlp.ts';
import type { Trainable } from '../training/trainable.ts';

/** The trainables of our own, by the name that specifications give them. */
export const trainables: Readonly<Record<string, Trainable>> = { gbdt, mlp };

/** The trainable that a specification names: one of ours, or a module of the user's (`code:<digest>`). */
export const trainableOf = async (
  reference: string,
  { loadCode }: Pick<Ports, 'loadCode'>,
): Promise<Trainable> => trainables[reference] ?? userTrainable(await loadCode(reference), reference);
