import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { Reject } from '../core/contracts/job.ts';
import { keys } from '../core/contracts/keys.ts';
import type { Digest } from '../core/contracts/names.ts';
import type { Partition, Prediction } from '../core/contracts/records.ts';
import { digestOf } from '../core/digest.ts';
import { FanfareError } from '../core/errors.ts';
import { writePartition } from '../core/steps/job.ts';
import { encodeLines, readLines } from '../core/steps/lines.ts';
import { encodeJson, type ObjectStore } from '../core/store.ts';

/** So many mistakes are told of at once. */
const shownMistakes = 5;

/**
 * Brings an edited copy of a prediction's rejects into its folder: its lines take the places of those that have the same file
 * and row, the others stay. Answers with the digest that names it. `InvalidSpec` for a line that is no reject, or none of its.
 */
export async function bringMended(store: ObjectStore, prediction: Prediction, file: string): Promise<Digest> {
  const changed = await readMended(file);
  const { prediction: id, rejects } = prediction;
  const left = new Map(changed);
  const content: unknown[] = [];
  const partitions: { readonly lines: readonly Reject[]; readonly name: string }[] = [];
  for (const part of rejects) {
    const lines = (await readLines(store, part, Reject)).map((line) => {
      const key = placeOf(line);
      const mended = changed.get(key)?.line;
      left.delete(key);
      return mended ? { ...mended, ...(line.offset !== undefined && { offset: line.offset }) } : line;
    });
    content.push(lines);
    partitions.push({ lines, name: part.key.slice(part.key.lastIndexOf('/') + 1) });
  }
  const [strange] = left.values();
  if (strange) {
    throw new FanfareError(
      'InvalidSpec',
      `${file}, line ${strange.number}: ${id} did not reject row ${strange.line.row} of ${strange.line.file}; a line keeps its file and row, and raw is what is mended`,
    );
  }
  const digest = await digestOf(content);
  const written: Partition[] = [];
  for (const { lines, name } of partitions) {
    const key = `${keys.prediction(id)}mended/${digest}/${name}`;
    written.push(await writePartition(store, key, encodeLines(lines), lines.length));
  }
  await store.put(keys.mended(id, digest), encodeJson(written), { kind: 'absent' });
  return digest;
}

const placeOf = ({ file, row }: Reject): string => JSON.stringify([file, row]);

interface Mended {
  readonly line: Reject;
  /** From 1. */
  readonly number: number;
}

async function readMended(file: string): Promise<ReadonlyMap<string, Mended>> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const why = cause.code === 'ENOENT' ? 'there is no such file' : cause.message;
    throw new FanfareError('MissingInput', `--from ${file}: ${why}`, { cause });
  });
  const lines = new Map<string, Mended>();
  const mistakes: string[] = [];
  for (const [at, written] of text.split('\n').entries()) {
    if (written.trim() === '') continue;
    const number = at + 1;
    const parsed = Reject.safeParse(parsedOrNull(written));
    if (!parsed.success) {
      const why = z.prettifyError(parsed.error).replaceAll(/\s+/g, ' ');
      mistakes.push(`${file}, line ${number}: it is no line of rejects/: ${why}`);
      continue;
    }
    const key = placeOf(parsed.data);
    const before = lines.get(key);
    if (before) mistakes.push(`${file}, line ${number}: line ${before.number} has the same file and row`);
    else lines.set(key, { line: parsed.data, number });
  }
  if (mistakes.length === 0) return lines;
  const more = mistakes.length > shownMistakes ? [`and ${mistakes.length - shownMistakes} more`] : [];
  throw new FanfareError('InvalidSpec', [...mistakes.slice(0, shownMistakes), ...more].join('\n'));
}

function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
