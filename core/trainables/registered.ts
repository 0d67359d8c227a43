import { gbdt } from '../training/gbdt/gbdt.ts';
import type { Trainable } from '../training/trainable.ts';

/** The trainables that a specification may name. */
export const trainables: Readonly<Record<string, Trainable>> = { gbdt };
