import { report } from './output/report.ts';
import { command, type Options, withFanfare } from './session.ts';

export const splitCommand = command(
  'split',
  'split a table into train, validation and test partitions, with a profile of each',
)
  .argument('<spec>', 'a specification in YAML')
  .action((spec: string, options: Options) =>
    withFanfare(options, async (fanfare) => report(await fanfare.split(spec), options)),
  );
