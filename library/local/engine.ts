import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { openFiles } from '../../adapters/files/open-files.ts';
import { type LocalOptions, startEngine } from '../../local/engine.ts';
import { holdersOf, lock } from '../../local/lock.ts';
import { bringSpecCode, libraryIn } from '../code/bring.ts';
import type { Engine } from '../engine.ts';
import { findLastJob, jobOf, keepJob } from '../last-job.ts';
import { stopHolder } from './stop-holder.ts';

/** This machine: worker processes, and a folder below `home` for the objects. */
export function openLocal(home: string, options: Omit<LocalOptions, 'store'>): Engine {
  const place = join(home, 'store');
  const engine = startEngine({ ...options, store: place });
  const { store } = engine;
  return {
    kind: 'local',
    store,
    open: openFiles,
    place,
    lanes: () => availableParallelism(),
    bring: (spec) => bringSpecCode({ store, library: libraryIn(options.root) }, spec),
    expect: (flow) => engine.expect(flow),
    run: async (flow, job, input) => {
      const { name } = job.spec;
      const release = await lock(store, name);
      try {
        const spec = await keepJob(store, job);
        const execution = `${name}-${new Date().toISOString().replace(/[^0-9]/g, '')}`;
        return await engine.run(flow, { spec, ...input }, execution);
      } finally {
        await release();
      }
    },
    invoke: (name, request) => engine.invoke(name, request),
    last: async (name) => {
      const last = await findLastJob(store, name);
      return last && jobOf(store, last);
    },
    stop: (name) => stopHolder(store, name),
    runs: async (prefix) =>
      (await holdersOf(store, prefix)).map(({ name, pid, command }) => ({
        kind: 'process',
        name,
        pid,
        command,
      })),
    peaks: () => engine.peaks(),
    close: () => engine.close(),
  };
}
