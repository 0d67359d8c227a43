import { type Domain, drawAllowed } from './allowed.ts';
import type { Params } from './space.ts';

/** Draws each parameter on its own, so that a parameter keeps its values when another joins the space. */
export const sampleRandom = (domain: Domain, trial: number): Params =>
  drawAllowed(domain, `${domain.seed}/${trial}`);
