import type { FunctionName } from '../core/contracts/functions.ts';
import { keys } from '../core/contracts/keys.ts';
import { sides } from '../core/contracts/names.ts';
import { answerSuffix, uploadsPrefix } from '../core/contracts/uploads.ts';

/**
 * What one function may do in the bucket, as key patterns (`*` is any run of characters, `/` among them). Nothing else is
 * granted: a key that a step begins to use is added here, and `npm run iam` shows it.
 */
export interface Access {
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly deletes?: readonly string[];
  /** Prefixes whose keys it lists. */
  readonly lists?: readonly string[];
  /** Opens the tables that specifications name: below `tables/` and `uploads/`, and what the `tables` setting adds. */
  readonly tables?: true;
}

/** Where the tables lie that people and the CLI bring into the bucket. */
export const tablePrefixes = ['tables/', uploadsPrefix] as const;

const dataset = keys.dataset('*');
const prediction = keys.prediction('*');
const study = keys.study('*');
const spec = keys.spec('*');
/** User code, which only who deploys can write. */
const code = keys.code('*');
const within = (prefix: string) => `${prefix}*`;
const answers = `${uploadsPrefix}*${answerSuffix}`;
const pending = (kind: string) => keys.pending(kind, '*');
/** Of the rows that models are scored by and tested on. */
const validation = `${dataset}validation/*`;
const test = `${dataset}test/*`;
const bins = `${dataset}bins/*`;
/** Of passes over a training side: what each part came to, and why one was lost. */
const passes = { parts: `${dataset}bins/*/passes/*/parts/`, losses: `${dataset}bins/*/passes/*/losses/` };
const surveys = `${dataset}survey/*`;
/** What one shard adds to a dataset. */
const shardOfDataset = [
  ...sides.map((side) => `${dataset}${side}/*`),
  `${dataset}profiles/*`,
  within(keys.receipts(dataset)),
];
/** What a prediction's files begin with; `*=` are folders by a column's value. */
const outputs = ['part-', '*=', 'unnumbered/', 'rejects/', 'places/', 'scores/', 'drift/'];
/** What one shard adds to a prediction. */
const shardOfPrediction = [
  ...[`${prediction}part-*`, `${prediction}*=*/part-*`, `${prediction}unnumbered/*`],
  ...[`${prediction}places/*`, `${prediction}scores/*`, `${prediction}drift/*`],
  `${prediction}progress/*`,
  within(keys.receipts(prediction)),
];
/** Of tables of objects: what each shard reads. */
const objectLists = `${prediction}objects/*`;
const checkpoints = `${study}checkpoints/*`;
/** What trainables that are called are given and write. */
const calls = keys.calls('*');
const record = [keys.studyRecord('*'), `${study}budgets/*`];
const snapshots = `${study}snapshots/*`;
const history = [...record, within(keys.claims('*')), within(keys.events('*')), snapshots];

/** Read beside `core/steps`: one entry a function, in the order of `core/contracts/functions.ts`. */
export const access: Readonly<Record<FunctionName, Access>> = {
  'plan-split': {
    reads: [spec, keys.datasetManifest('*'), keys.plan(dataset)],
    writes: [keys.plan(dataset), keys.shardList(dataset)],
    tables: true,
  },
  'survey-shard': {
    reads: [spec, keys.plan(dataset), surveys],
    writes: [surveys],
    tables: true,
  },
  'settle-split': {
    reads: [spec, keys.plan(dataset), surveys, `${dataset}losses/*`, keys.cuts(dataset)],
    writes: [keys.cuts(dataset)],
    lists: [`${dataset}losses/`],
  },
  // Shards of datasets read what they write where they find that some is there.
  'split-shard': {
    reads: [spec, code, keys.plan(dataset), keys.cuts(dataset), ...shardOfDataset],
    writes: shardOfDataset,
    tables: true,
  },
  'plan-map': {
    reads: [spec, keys.datasetManifest('*'), keys.plan(dataset)],
    writes: [keys.plan(dataset), keys.shardList(dataset)],
  },
  'map-shard': {
    reads: [code, keys.plan(dataset), ...shardOfDataset],
    writes: shardOfDataset,
  },
  'commit-split': {
    reads: [
      spec,
      keys.plan(dataset),
      keys.datasetManifest('*'),
      `${dataset}profiles/*`,
      within(keys.receipts(dataset)),
      `${dataset}losses/*`,
      keys.profile('*'),
      `${dataset}train/*`,
      keys.described('*', '*'),
    ],
    writes: [keys.profile('*'), keys.datasetManifest('*'), keys.described('*', '*')],
    lists: [keys.receipts(dataset), `${dataset}losses/`],
  },
  'prepare-study': {
    reads: [
      spec,
      code,
      keys.datasetManifest('*'),
      `${dataset}train/*`,
      validation,
      bins,
      ...history,
      within(keys.conclusions('*')),
    ],
    writes: [bins, ...record, `${study}lanes/*`, pending('model')],
    // Of a pass, what its parts came to, once it is merged.
    deletes: [within(passes.parts)],
    lists: [passes.losses],
  },
  ask: { reads: history, writes: [within(keys.claims('*')), snapshots] },
  train: {
    reads: [
      code,
      ...record,
      within(keys.claims('*')),
      keys.datasetManifest('*'),
      `${dataset}train/*`,
      validation,
      bins,
      checkpoints,
      `${study}results/*`,
      `${study}refit/*`,
      `${calls}*`,
    ],
    // Bins that were altered are made anew.
    writes: [bins, checkpoints, `${study}models/*`, `${study}results/*`, `${study}refit/*`, `${calls}*`],
    deletes: [
      `${study}checkpoints/*.partial`,
      `${study}refit/*/checkpoint.partial`,
      `${calls}*`,
      within(passes.parts),
    ],
    lists: [passes.losses],
  },
  gather: {
    reads: [bins, `${dataset}train/*`, validation],
    writes: [within(passes.parts)],
  },
  tell: {
    reads: [within(keys.claims('*')), within(keys.events('*'))],
    writes: [within(keys.events('*'))],
  },
  'finish-study': { reads: [], writes: [keys.finished('*', '*')] },
  'conclude-study': {
    reads: [
      ...history,
      within(keys.conclusions('*')),
      keys.finished('*', '*'),
      `${study}models/*`,
      `${study}refit/*`,
      keys.datasetManifest('*'),
      keys.profile('*'),
      `${dataset}train/*`,
      validation,
    ],
    writes: [
      keys.model('*'),
      keys.modelCard('*'),
      keys.modelProfile('*'),
      `${study}refit/*/plan.json`,
      within(keys.conclusions('*')),
      pending('model'),
    ],
  },
  'plan-prediction': {
    reads: [
      spec,
      keys.datasetManifest('*'),
      keys.model('*'),
      keys.signature('*'),
      keys.modelProfile('*'),
      keys.predictionManifest('*'),
      keys.plan(prediction),
      keys.mended('*', '*'),
    ],
    writes: [keys.plan(prediction), keys.shardList(prediction), objectLists],
    tables: true,
  },
  'predict-shard': {
    // Its own parts, where it finds that some are there.
    reads: [
      ...[
        spec,
        code,
        keys.plan(prediction),
        objectLists,
        keys.model('*'),
        keys.modelCard('*'),
        keys.modelProfile('*'),
        test,
        ...shardOfPrediction,
      ],
      // What another prediction rejected, as it was and as it was mended.
      ...[`${prediction}rejects/*`, `${prediction}mended/*`],
    ],
    writes: shardOfPrediction,
    lists: [`${prediction}progress/`],
    tables: true,
  },
  'commit-prediction': {
    reads: [
      spec,
      keys.plan(prediction),
      keys.predictionManifest('*'),
      within(keys.receipts(prediction)),
      `${prediction}unnumbered/*`,
      // Those of an attempt before this one.
      `${prediction}rejects/*`,
      `${prediction}losses/*`,
      `${prediction}drift*`,
      keys.modelProfile('*'),
    ],
    writes: [
      `${prediction}drift*`,
      keys.predictionManifest('*'),
      `${prediction}rejects/*`,
      pending('prediction'),
    ],
    // What the manifest does not name.
    deletes: outputs.map((each) => `${prediction}${each}*`),
    lists: [
      ...[keys.receipts(prediction), `${prediction}losses/`],
      ...outputs.map((each) => prediction + each),
    ],
  },
  'lose-shard': {
    reads: [],
    writes: [`${dataset}losses/*`, `${prediction}losses/*`, within(passes.losses)],
  },
  evaluate: {
    reads: [spec, keys.predictionManifest('*'), `${prediction}scores/*`, keys.evaluation('*')],
    writes: [keys.evaluation('*'), pending('evaluation')],
  },
  aggregate: {
    reads: [
      spec,
      ...history,
      within(keys.conclusions('*')),
      keys.finished('*', '*'),
      keys.datasetManifest('*'),
      keys.predictionManifest('*'),
      keys.evaluation('*'),
      keys.model('*'),
      keys.modelCard('*'),
      keys.modelProfile('*'),
      within(keys.pendingPrefix),
    ],
    writes: [keys.model('*'), keys.signature('*'), keys.modelProfile('*')],
    deletes: [within(keys.pendingPrefix)],
    lists: [keys.pendingPrefix, keys.conclusions('*')],
    // A model may lie where tables do.
    tables: true,
  },
  /** Its answers go beside the uploads, and it may write nothing else there: `*.error.json` never starts anything. */
  'receive-upload': { reads: [code], writes: [spec, answers], deletes: [answers], tables: true },
};

/** The functions that call trainables which are functions of the user's: those of the setting `trainables`. */
export const callsTrainables: ReadonlySet<FunctionName> = new Set<FunctionName>(['prepare-study', 'train']);

/** The functions that run models: the only ones that carry the ONNX Runtime layer. */
export const runsModels: ReadonlySet<FunctionName> = new Set<FunctionName>([
  // Candidates of the trainable `onnx` are looked at before any trial.
  'prepare-study',
  // Holds every trainable, one of which runs models.
  'gather',
  'train',
  'conclude-study',
  'predict-shard',
]);
