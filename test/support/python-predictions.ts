import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Batch } from '../../core/tables/batch.ts';
import { type Cell, cellOf } from '../core/training/tables.ts';

export const python = join(process.cwd(), '.venv/bin/python');

/** A model's output for a batch in Python's ONNX Runtime, value after value, once onnx's checker has passed the file. */
export async function predictedInPython(onnx: Uint8Array, batch: Batch, output: string): Promise<Cell[]> {
  const folder = await mkdtemp(join(tmpdir(), 'fanfare-python-'));
  const columns = batch.fields.map(({ name }, at) => [
    name,
    Array.from({ length: batch.rows }, (_, row) => cellOf(batch.columns[at]!, row)),
  ]);
  await writeFile(join(folder, 'model.onnx'), onnx);
  await writeFile(join(folder, 'feeds.json'), JSON.stringify(Object.fromEntries(columns)));
  await promisify(execFile)(python, ['-c', program, folder, output]);
  const values = JSON.parse(await readFile(join(folder, 'values.json'), 'utf8')) as Cell[];
  await rm(folder, { recursive: true });
  return values;
}

const program = `
import json, sys, numpy as np, onnx, onnxruntime as ort
folder, output = sys.argv[1:]
onnx.checker.check_model(onnx.load(folder + '/model.onnx'), full_check=True)
session = ort.InferenceSession(folder + '/model.onnx')
types = {'tensor(int64)': 'i8', 'tensor(double)': 'f8', 'tensor(float)': 'f4', 'tensor(bool)': '?', 'tensor(string)': object}
missing = {'tensor(int64)': -2**63, 'tensor(string)': ''}
feeds = json.load(open(folder + '/feeds.json'))
given = {i.name: np.array([missing.get(i.type, float('nan')) if v is None else v for v in feeds[i.name]], dtype=types[i.type])
         for i in session.get_inputs()}
json.dump(session.run([output], given)[0].ravel().tolist(), open(folder + '/values.json', 'w'))
`;
