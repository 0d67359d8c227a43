import type { CodeRef, Digest } from '../contracts/names.ts';
import type { Spec } from '../contracts/spec.ts';
import { FanfareError } from '../errors.ts';

/** The digest of code that lies in the store; `InvalidSpec` for a path, which only the CLI understands. */
export function digestOfCode(reference: CodeRef): Digest {
  if (reference.startsWith('code:')) return reference.slice('code:'.length);
  throw new FanfareError(
    'InvalidSpec',
    `user code ${reference}: only code that was brought by the CLI may be named here: code:<digest>`,
  );
}

/** The specification with each reference to user code changed, one after the other. */
export async function mapCode(
  spec: Spec,
  change: (reference: CodeRef) => CodeRef | Promise<CodeRef>,
): Promise<Spec> {
  const { split, tune, predict } = spec;
  const { features } = split;
  const { preprocess, postprocess } = predict;
  return {
    ...spec,
    split: { ...split, ...(features && { features: await change(features) }) },
    tune: tune.trainable === 'gbdt' ? tune : { ...tune, trainable: await change(tune.trainable) },
    predict: {
      ...predict,
      ...(preprocess && { preprocess: await change(preprocess) }),
      ...(postprocess && { postprocess: await change(postprocess) }),
    },
  };
}
