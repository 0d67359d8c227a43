import { bundle } from '../../scripts/build.mjs';

/** Slow tests run what is shipped: the bundles are made once, before them. */
export const setup = bundle;
