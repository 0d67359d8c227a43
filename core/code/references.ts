import type { CodeRef, Digest } from '../contracts/names.ts';
import type { PredictionSpec, Spec } from '../contracts/spec.ts';
import { FanfareError } from '../errors.ts';

/** Whether a trainable is a file of the user's: as the CLI is given it, or as it was brought. */
const isFile = (trainable: string): boolean => /^(code:|python:|[./])/.test(trainable);

/** The digest of code that lies in the store; `InvalidSpec` for a path, which only the CLI understands. */
export function digestOfCode(reference: CodeRef): Digest {
  if (reference.startsWith('code:')) return reference.slice('code:'.length);
  throw new FanfareError(
    'InvalidSpec',
    `user code ${reference}: only code that was brought by the CLI may be named here: code:<digest>`,
  );
}

/** The specification with each reference to user code changed, one after the other. */
export async function mapCode<S extends Spec | PredictionSpec>(
  spec: S,
  change: (reference: CodeRef) => CodeRef | Promise<CodeRef>,
): Promise<S> {
  const { predict } = spec;
  const { preprocess, postprocess } = predict;
  return {
    ...spec,
    ...('tune' in spec && (await mapTraining(spec, change))),
    predict: {
      ...predict,
      ...(preprocess && { preprocess: await change(preprocess) }),
      ...(postprocess && { postprocess: await change(postprocess) }),
    },
  };
}

async function mapTraining(
  { split, tune }: Spec,
  change: (reference: CodeRef) => CodeRef | Promise<CodeRef>,
): Promise<Pick<Spec, 'split' | 'tune'>> {
  const { features } = split;
  return {
    split: { ...split, ...(features && { features: await change(features) }) },
    tune: isFile(tune.trainable) ? { ...tune, trainable: await change(tune.trainable) } : tune,
  };
}
