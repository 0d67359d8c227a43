import { report } from './output/report.ts';
import { command, type Options, withFanfare } from './session.ts';

export const pipelineCommand = command(
  'pipeline',
  'split a table, tune, predict the test side, evaluate, promote',
)
  .argument('<spec>', 'a specification in YAML')
  .action((spec: string, options: Options) =>
    withFanfare(options, async (fanfare) => report(await fanfare.pipeline(spec), options)),
  );
