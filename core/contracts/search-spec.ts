import * as z from 'zod';
import { Params } from './names.ts';
import { SamplerInput } from './sampler.ts';
import { searchMistakes } from './search-mistakes.ts';
import { Space } from './space.ts';

/** What a search is, whoever trains its trials. */
export const searchShape = {
  seed: z.int().default(0).describe('Another seed proposes other configurations.'),
  sampler: SamplerInput.default({ kind: 'auto' }).describe(
    'Proposes configurations: `gp`, `tpe` and `cmaes` learn from the trials before, `sobol`, `grid` and `random` do not; `auto` chooses.',
  ),
  space: Space.describe(
    'The axes of the search, by parameter: `{ low, high }`, `[one, or, another]`, or a value.',
  ),
  constraints: z
    .array(z.string().max(1000))
    .min(1)
    .optional()
    .describe(
      "Conditions on the parameters of each trial: `min_data * leaves <= 100000`, `booster != 'dart' or drop < 0.5`. What says something of a parameter that is not there refuses nothing.",
    ),
  points: z
    .array(Params.refine((point) => Object.keys(point).length > 0, 'a point names at least one parameter'))
    .min(1)
    .optional()
    .describe(
      'Parameters that the first trials have, one a trial; the sampler fills in those that a point leaves out.',
    ),
};

/** For `superRefine`: what its space cannot give. A space that has a mistake itself can hold nothing to be true or false of. */
export function refuseSearch(
  search: Parameters<typeof searchMistakes>[0],
  check: Pick<z.RefinementCtx, 'issues' | 'addIssue'>,
): void {
  if (check.issues.length > 0) return;
  for (const { at, message } of searchMistakes(search))
    check.addIssue({ code: 'custom', path: [...at], message });
}
