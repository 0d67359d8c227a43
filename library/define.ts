// What a user's module may import as values: bundled into it, so it is small and knows no Node.
import type { Mapping } from '../core/code/mapping.ts';
import type { UserTrainable } from '../core/code/trainable.ts';
import type { Scalar } from '../core/contracts/names.ts';

// biome-ignore lint/performance/noBarrelFile: for a model of one's own in ONNX; it is bundled only where it is used
export { GraphBuilder } from '../core/onnx/graph.ts';
export { addOutputs } from '../core/training/outputs.ts';
/** A module that says its space too may be imported by the program that searches it. */
export { choice, defineSpace, float, int } from './space.ts';

type Params = Readonly<Record<string, Scalar>>;

/** A trainable of one's own, for `tune.trainable: ./file.ts`; the module's default export. Gives back what it is given. */
export const defineTrainable = <P extends Params, Loaded = undefined>(
  trainable: UserTrainable<P, Loaded>,
): UserTrainable<P, Loaded> => trainable;

/** A mapping of one's own, for `split.features`, `predict.preprocess`, `predict.postprocess` and `fanfare map`; the module's default export. */
export const defineMapping = (mapping: Mapping): Mapping => mapping;
