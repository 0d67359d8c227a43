import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package's folder, in which `flows/` and `dist/` lie: above this file where it stands here, or above its bundle. */
export const root: string = ['../', '../../']
  .map((way) => fileURLToPath(new URL(way, import.meta.url)))
  .find((folder) => existsSync(join(folder, 'flows')))!;
