import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds `flows/` and `dist/`: seen from `infra/`, and from the bundle in `dist/infra/`. */
export const projectRoot: string = rootAbove(dirname(fileURLToPath(import.meta.url)));

function rootAbove(folder: string): string {
  if (existsSync(join(folder, 'flows/tune.asl.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder)
    throw new Error(`no folder above ${fileURLToPath(import.meta.url)} holds flows/tune.asl.json`);
  return rootAbove(parent);
}
