import { report } from './output/report.ts';
import { command, type Options, withFanfare } from './session.ts';

export const tuneCommand = command(
  'tune',
  'search the best configuration, and register its model as challenger',
)
  .argument('<spec>', 'a specification in YAML; its table is split first if that was not done')
  .option(
    '--trials <count>',
    'so many in place of tune.trials: more continue a study that was finished',
    Number,
  )
  .action((spec: string, options: Options & { readonly trials?: number }) =>
    withFanfare(options, async (fanfare) => report(await fanfare.tune(spec, options), options)),
  );
