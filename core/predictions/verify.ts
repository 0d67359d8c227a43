import { PredictionPlan, PredictReceipt } from '../contracts/job.ts';
import { keys } from '../contracts/keys.ts';
import type { Identity } from '../contracts/names.ts';
import type { Partition, Prediction } from '../contracts/records.ts';
import { sha256 } from '../digest.ts';
import { FanfareError } from '../errors.ts';
import { allRejects } from '../steps/number-rejects.ts';
import { readAll, readObject } from '../steps/objects.ts';
import type { Ports } from '../steps/ports.ts';
import { countRows } from './count-rows.ts';
import { inputRows, type VerifyPorts } from './input-rows.ts';
import { rowsByFile } from './rows-by-file.ts';
import { sameRows } from './same-rows.ts';

/** What a prediction is found to hold, counted anew. */
export interface Verification {
  readonly prediction: Identity;
  readonly rows: number;
  readonly predicted: number;
  readonly rejected: number;
  /** How many files were read, and their bytes. */
  readonly files: number;
  readonly bytes: number;
  /** The rows of the input, where it was read again. */
  readonly input: number | null;
  /** Each thing that is not as the manifest says. None: all is well. */
  readonly mismatches: readonly Mismatch[];
}

interface Mismatch {
  /** The object, or the file of the input, that is wrong. */
  readonly where: string;
  readonly what: string;
}

type Told = (where: string, what: string) => void;

/**
 * Reads all that a prediction's manifest names and counts it: bytes and checksums, the rows inside the parts, the lines of
 * rejects; that rows in = predicted + rejected, and that each row of the input is there once. `input`: that is read again too.
 */
export async function verifyPrediction(
  manifest: Prediction,
  ports: VerifyPorts,
  { input }: { readonly input: boolean },
): Promise<Verification> {
  const { store } = ports;
  const job = keys.prediction(manifest.prediction);
  const mismatches: Mismatch[] = [];
  const told: Told = (where, what) => void mismatches.push({ where, what });
  const plan = await readObject(store, keys.plan(job), PredictionPlan);
  const receipts = await readAll(store, keys.receipts(job), PredictReceipt);

  const { count, read } = reader(ports, told);
  let predicted = 0;
  for (const part of manifest.parts) {
    predicted += await read(part, (bytes) => countRows(bytes, part.key, manifest, ports));
  }
  let rejected = 0;
  for (const part of manifest.rejects) rejected += await read(part, async (bytes) => linesOf(bytes));
  for (const part of manifest.places) await read(part, async (bytes) => linesOf(bytes));
  for (const part of manifest.scores) await read(part);

  const where = keys.predictionManifest(manifest.prediction);
  const rows = receipts.reduce((sum, receipt) => sum + receipt.rows, 0);
  equal(told, where, 'rows read by the shards', rows, manifest.rows);
  // What cannot be read is told of; that its rows are missed then is no news.
  if (count.unread === 0) {
    equal(told, where, 'rows predicted', predicted, manifest.predicted);
    equal(told, where, 'rows rejected', rejected, manifest.rejected);
    equal(told, where, 'rows predicted and rejected', predicted + rejected, manifest.rows);
  }
  if (mismatches.length === 0) {
    const rejects = allRejects(store, manifest.rejects);
    if (plan.input.kind === 'rejects') await sameRows(manifest, rejects, store, told);
    else await rowsByFile(plan, receipts, manifest, rejects, told);
  }
  return {
    ...{ prediction: manifest.prediction, rows, predicted, rejected, files: count.files, bytes: count.bytes },
    input: input ? await inputRows(plan, receipts, ports, told) : null,
    mismatches,
  };
}

type RowsIn = (bytes: Uint8Array) => Promise<number>;

/** Reads file after file and counts their rows; `unread` are those of which that cannot be said. */
function reader(ports: VerifyPorts, told: Told) {
  const count = { files: 0, bytes: 0, unread: 0 };
  const read = async (part: Partition, rowsIn?: RowsIn): Promise<number> => {
    const bytes = await wholeObject(part, ports, told);
    if (bytes === undefined) {
      count.unread++;
      return 0;
    }
    count.files++;
    count.bytes += bytes.length;
    const rows = rowsIn ? await rowsIn(bytes).catch(unreadable(part.key, told)) : part.rows;
    if (rows === undefined) {
      count.unread++;
      return 0;
    }
    if (rows !== part.rows) told(part.key, `has ${rows} rows, the manifest says ${part.rows}`);
    return rows;
  };
  return { count, read };
}

/** The object's bytes, if they are those that were written. */
async function wholeObject(
  { key, bytes, sha256: digest }: Partition,
  { store }: Pick<Ports, 'store'>,
  told: Told,
): Promise<Uint8Array | undefined> {
  const object = await store.get(key);
  if (object === undefined) {
    told(key, 'is gone');
    return undefined;
  }
  if (object.body.length !== bytes) {
    told(key, `has ${object.body.length} bytes, the manifest says ${bytes}`);
    return undefined;
  }
  const found = await sha256(object.body);
  if (found === digest) return object.body;
  told(key, `has sha256 ${found}, the manifest says ${digest}`);
  return undefined;
}

const unreadable =
  (key: string, told: Told) =>
  (error: unknown): undefined => {
    if (!(error instanceof FanfareError)) throw error;
    told(key, `cannot be read: ${error.message}`);
  };

function equal(told: Told, where: string, what: string, found: number, said: number): void {
  if (found !== said) told(where, `${found} ${what}, the manifest says ${said}`);
}

function linesOf(bytes: Uint8Array): number {
  let lines = 0;
  for (const byte of bytes) if (byte === 10) lines++;
  return lines;
}
