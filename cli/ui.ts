import { once } from 'node:events';
import { InvalidArgumentError } from 'commander';
import { openFanfare } from '../library/fanfare.ts';
import { print } from './output/print.ts';
import { command, type Options } from './session.ts';

export const uiCommand = command(
  'ui',
  'serve the reports of all that there is, live while a study runs, to this machine until Ctrl-C',
)
  .option('--port <number>', 'where; a free one where it is left out', portOf, 0)
  .option('--host <address>', 'whom it listens to; others than this machine only if you say so', '127.0.0.1')
  .action(async (options: Options & { readonly port: number; readonly host: string }) => {
    const fanfare = await openFanfare({ ...options, mlflow: false });
    try {
      const ui = await fanfare.ui({ port: options.port, host: options.host });
      print(options.json, { command: 'ui', url: ui.url, store: fanfare.place }, [ui.url]);
      await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
      await ui.close();
    } finally {
      await fanfare.close();
    }
  });

function portOf(given: string): number {
  const port = Number(given);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgumentError('a port is a whole number from 0 to 65535');
}
