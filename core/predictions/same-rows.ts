import * as z from 'zod';
import type { Reject } from '../contracts/job.ts';
import { keys } from '../contracts/keys.ts';
import { Prediction, RowPlace } from '../contracts/records.ts';
import { readLines } from '../steps/lines.ts';
import { allRejects } from '../steps/number-rejects.ts';
import { readObject } from '../steps/objects.ts';
import type { ObjectStore } from '../store.ts';

/** That the rows which a retry predicted and rejected are those that its parent rejected, each of them once. */
export async function sameRows(
  { input, places }: Prediction,
  rejects: AsyncIterable<Reject>,
  store: ObjectStore,
  told: (where: string, what: string) => void,
): Promise<void> {
  if (input.kind !== 'rejects') return;
  const parent = await readObject(store, keys.predictionManifest(input.parent), Prediction);
  const left = new Set<string>();
  for await (const reject of allRejects(store, parent.rejects)) left.add(nameOf(reject));
  const take = (place: RowPlace, how: string) => {
    if (!left.delete(nameOf(place))) {
      told(
        place.file,
        `row ${place.row} is ${how}, and ${input.parent} did not reject it, or it is there twice`,
      );
    }
  };
  for (const part of places) {
    for (const place of await readLines(store, part, RowPlace)) take(place, 'predicted');
  }
  for await (const reject of rejects) take(reject, 'rejected');
  for (const name of left) {
    const [file, row] = z.tuple([z.string(), z.int()]).parse(JSON.parse(name));
    told(file, `row ${row} was rejected by ${input.parent}, and is neither predicted nor rejected now`);
  }
}

const nameOf = ({ file, row }: RowPlace): string => JSON.stringify([file, row]);
