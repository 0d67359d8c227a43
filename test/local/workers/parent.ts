// A parent that tells which workers it has, and is then killed by the test.
import { startWorkers } from '../../../local/workers/workers.ts';

const [entry = '', bundle = ''] = process.argv.slice(2);
const workers = startWorkers({
  entry,
  bundleFor: () => bundle,
  limits: () => ({ memoryMiB: 512, timeoutSeconds: 60, concurrency: 4 }),
  env: {},
});
void workers.invoke('spin', { do: 'spin' }, {}).catch(() => {});
void workers.invoke('sleep', { do: 'sleep', ms: 60_000 }, {}).catch(() => {});
await workers.invoke('idle', { do: 'echo', value: 1 }, {});
console.log(JSON.stringify(workers.pids()));
