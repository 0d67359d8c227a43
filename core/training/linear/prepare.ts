import { sha256 } from '../../digest.ts';
import { FanfareError } from '../../errors.ts';
import { decodeJson, encodeJson } from '../../store.ts';
import { codesOf, type DensePlan, planDense } from '../dense/plan.ts';
import { type DenseStatistics, missingInputs } from '../dense/statistics.ts';
import { planFeatures } from '../features.ts';
import { labelledBatches } from '../labelled.ts';
import { refuseOutputNames } from '../outputs.ts';
import type { Cache, TrainedOn, TrainingTable } from '../trainable.ts';
import { decodeMoments, type Moments } from './moments.ts';
import { type Learned, learnRequest, linearPass, momentsRequest } from './pass.ts';

const manifestName = 'manifest.json';
const momentsName = 'moments.bin';
/** Changes when objects of an older version can no longer be read. */
const format = 'linear-1';

/** Texts of a category that have a coefficient of their own, where there is room. */
const mostWords = 256;

/** Coefficients of one model: their second derivatives fit a function, and are solved for in seconds. */
const mostCoefficients = 3000;

/** What all trials share. */
export interface LinearManifest {
  readonly format: typeof format;
  readonly plan: DensePlan;
  readonly target: Learned['target'];
  /** Of the moments of a quantity; classes have none but at coefficients. */
  readonly moments: string | null;
}

/**
 * Learns the features from the training side and, of a quantity, the moments that serve every trial; the manifest comes last.
 * `BadTable` where a side has no labelled row, or the training side one class only, or no row that counts.
 */
export async function prepareLinear(table: TrainingTable, cache: Cache): Promise<TrainedOn> {
  const { target } = (await findLinear(cache))?.manifest ?? (await prepareAnew(table, cache)).manifest;
  const rows = target.reduce((sum, each) => sum + each.rows, 0);
  return { rows, of: rows };
}

interface Found {
  readonly manifest: LinearManifest;
  readonly moments: Moments | undefined;
}

/** What was prepared, if it is all there and as it was written. */
export async function findLinear(cache: Cache): Promise<Found | undefined> {
  const bytes = await cache.read(manifestName);
  const manifest = bytes && (decodeJson(bytes) as LinearManifest);
  if (manifest?.format !== format) return undefined;
  if (manifest.moments === null) return { manifest, moments: undefined };
  const moments = await cache.read(momentsName);
  if (moments === undefined || (await sha256(moments)) !== manifest.moments) return undefined;
  return { manifest, moments: decodeMoments(moments) };
}

export async function prepareAnew(table: TrainingTable, cache: Cache): Promise<Found> {
  const { inputs, features } = planFeatures(table.fields, table.inputs);
  refuseOutputNames(table.inputs, table.task);
  const learned = decodeJson(await table.gathered(linearPass, learnRequest(table))) as Learned;
  requireClasses(learned, table);
  const missing = new Set(learned.dense.missing);
  for (const name of await missingInValidation(table)) missing.add(name);
  const classes = table.task.kind === 'multiclass' ? table.task.classes.length : 1;
  const planWith = (words: number) =>
    planDense(learned.dense, inputs, features, { mostWords: words, missing });
  const plan = planThatFits(planWith, classes, learned.dense);
  let moments: Uint8Array | undefined;
  if (table.task.kind === 'regression') {
    const [{ sum, weight }] = learned.target as [Learned['target'][number]];
    const request = momentsRequest({ loss: 'squared', plan, centre: sum / weight });
    moments = await table.gathered(linearPass, request);
    await cache.write(momentsName, moments);
  }
  const digest = moments ? await sha256(moments) : null;
  const manifest: LinearManifest = { format, plan, target: learned.target, moments: digest };
  await cache.write(manifestName, encodeJson(manifest));
  return { manifest, moments: moments && decodeMoments(moments) };
}

function requireClasses({ target }: Learned, { task, target: { column }, weight }: TrainingTable): void {
  const rows = target.reduce((sum, each) => sum + each.rows, 0);
  if (rows === 0) throw noRow('train', column);
  const counting = [...target.keys()].filter((at) => target[at]!.weight > 0);
  if (counting.length === 0) {
    throw new FanfareError(
      'BadTable',
      `columns.weight: column "${weight}" is 0 in all ${rows} labelled training rows`,
    );
  }
  if (task.kind === 'regression' || counting.length > 1) return;
  const only = JSON.stringify(task.classes[counting[0]!]);
  throw new FanfareError(
    'BadTable',
    `target: by column "${column}" all ${rows} labelled training rows that count are ${only}; two classes must occur`,
  );
}

const noRow = (side: string, column: string): FanfareError =>
  new FanfareError('BadTable', `target: the ${side} side has no row with a value of "${column}"`);

/** The type of a model's input says whether it may lack values, on any side. */
async function missingInValidation(table: TrainingTable): Promise<ReadonlySet<string>> {
  const missing = new Set<string>();
  let rows = 0;
  for await (const { batch } of labelledBatches(table, 'validation')) {
    for (const name of missingInputs(batch)) missing.add(name);
    rows += batch.rows;
  }
  if (rows === 0) throw noRow('validation', table.target.column);
  return missing;
}

/** Of categories with many texts fewer have a coefficient of their own, until all fit. */
function planThatFits(
  planWith: (words: number) => DensePlan,
  classes: number,
  { features }: DenseStatistics,
): DensePlan {
  let words = mostWords;
  for (;;) {
    const plan = planWith(words);
    const columns = plan.numbers.length + 1 + plan.categories.reduce((sum, each) => sum + codesOf(each), 0);
    if (columns * classes <= mostCoefficients) return plan;
    words >>= 1;
    if (words > 0) continue;
    throw new FanfareError(
      'BadTable',
      `linear: ${features.length} features of ${classes} classes give ${columns * classes} coefficients, more than ${mostCoefficients}; leave inputs out`,
    );
  }
}
