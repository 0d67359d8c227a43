import { report } from './output/report.ts';
import { command, type Options, withFanfare } from './session.ts';

export const resumeCommand = command(
  'resume',
  'do again what was last done under a name: a stopped or failed one goes on, nothing is computed anew',
)
  .argument('<name>', "the specification's name")
  .action((name: string, options: Options) =>
    withFanfare(options, async (fanfare) => report(await fanfare.resume(name), options)),
  );
