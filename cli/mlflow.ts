import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { venv } from '../library/record.ts';
import { startMlflow } from '../local/mlflow-server.ts';
import { print } from './output/print.ts';
import { localCommand, type Options } from './session.ts';

export const mlflowCommand = localCommand(
  'mlflow',
  'serve the record of this folder in MLflow until Ctrl-C',
).action(async ({ home, json }: Options) => {
  const server = await startMlflow({ venv, folder: join(resolve(home), 'mlflow') });
  print(json, { uri: server.uri }, [server.uri]);
  // Neither the server nor a listener for signals keeps this process alive.
  const alive = setInterval(() => {}, 60_000);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  clearInterval(alive);
  await server.close();
});
