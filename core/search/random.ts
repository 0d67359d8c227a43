import { stream } from '../chance.ts';
import type { Study } from '../contracts/study.ts';
import { drawParams, type Params, valueAt } from './space.ts';

/** Draws each parameter on its own, so that a parameter keeps its values when another joins the space. */
export const sampleRandom = (study: Pick<Study, 'seed' | 'space'>, trial: number): Params =>
  drawParams(study.space, ({ name, dimension }) =>
    valueAt(dimension, stream(`${study.seed}/${trial}/${name}`)()),
  );
