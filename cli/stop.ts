import { print } from './output/print.ts';
import { command, type Options, withFanfare } from './session.ts';

export const stopCommand = command('stop', 'end what runs under a name; fanfare resume goes on from there')
  .argument('<name>', "the specification's name")
  .action((name: string, options: Options) =>
    withFanfare(options, async (fanfare) => {
      const { stopped } = await fanfare.stop(name);
      print(options.json, { stopped }, [
        ...stopped.map((what) => `stopped ${what}`),
        ...(stopped.length === 0 ? [`nothing named ${name} runs in ${fanfare.place}`] : []),
      ]);
    }),
  );
