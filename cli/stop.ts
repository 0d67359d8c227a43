import { print } from './output/print.ts';
import { command, type Options, withSession } from './session.ts';

export const stopCommand = command('stop', 'end what runs under a name; fanfare resume goes on from there')
  .argument('<name>', "the specification's name")
  .action(async (name: string, options: Options) => {
    await withSession({ ...options, mlflow: false }, async ({ engine }) => {
      const stopped = await engine.stop(name);
      print(options.json, { stopped }, [
        ...stopped.map((what) => `stopped ${what}`),
        ...(stopped.length === 0 ? [`nothing named ${name} runs in ${engine.place}`] : []),
      ]);
    });
  });
