import { basename, resolve } from 'node:path';
import { keys } from '../core/contracts/keys.ts';
import { CodeRef, Identity, Name } from '../core/contracts/names.ts';
import type { MapSpec } from '../core/contracts/spec.ts';
import { FanfareError } from '../core/errors.ts';
import { unknownName } from '../core/nearest.ts';
import type { ObjectStore } from '../core/store.ts';
import { bringCode, libraryIn } from './code/bring.ts';
import { SplitAnswer } from './output/answers.ts';
import { placeRows, print, table } from './output/print.ts';
import { filesOf, splitRows } from './output/rows.ts';
import { command, type Options, root, runFlow, type Session, withSession } from './session.ts';

export const mapCommand = command('map', 'run a function over every partition of a dataset; write a dataset')
  .argument('<module>', 'a file whose default export is a mapping: defineMapping((rows) => …)')
  .argument('<dataset>', 'its id, or its folder below the store')
  .requiredOption('--name <name>', 'what the new dataset is called')
  .action(async (file: string, dataset: string, options: Options & { readonly name: string }) => {
    const name = requireName(options.name);
    await withSession({ ...options, mlflow: false }, async (session) => {
      const { store } = session.engine;
      const from = await requireDataset(store, basename(dataset));
      const place = { store, library: libraryIn(root) };
      const map = await bringCode(place, CodeRef.parse(file.startsWith('code:') ? file : resolve(file)));
      await runMap(session, { name, dataset: from, map }, options);
    });
  });

export async function runMap(session: Session, spec: MapSpec, options: Options): Promise<void> {
  const { engine } = session;
  const mapped = SplitAnswer.parse(await runFlow(session, 'map', { command: 'map', spec, model: null }, {}));
  const files = filesOf({ split: mapped });
  const seconds = session.progress.seconds();
  const [[, sides]] = splitRows(mapped) as [readonly [string, string]];
  print(
    options.json,
    { map: mapped.rows, dataset: mapped.dataset, seconds, peaks: engine.peaks(), store: engine.place, files },
    table([['mapped', sides], ...placeRows(engine, files)]),
  );
}

function requireName(given: string): string {
  const parsed = Name.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new FanfareError('InvalidSpec', `--name ${given}: ${parsed.error.issues[0]!.message}`);
}

async function requireDataset(store: ObjectStore, given: string): Promise<Identity> {
  const id = Identity.safeParse(given).data;
  if (id !== undefined && (await store.head(keys.datasetManifest(id)))) return id;
  const known = new Set<string>();
  for await (const { key } of store.list('datasets/')) {
    const [, dataset] = /^datasets\/([^/]+)\/manifest\.json$/.exec(key) ?? [];
    if (dataset !== undefined) known.add(dataset);
  }
  throw new FanfareError('MissingInput', unknownName('there is no dataset', given, [...known]));
}
