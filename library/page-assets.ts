import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FanfareError } from '../core/errors.ts';
import type { PageAssets } from '../core/report/page.ts';
import { root } from './root.ts';

/** What `npm run build` bundled for the browser. */
export async function pageAssets(): Promise<PageAssets> {
  const read = async (name: string) => {
    const path = join(root, 'dist/report', name);
    try {
      // A line's end is all that stands between the two in the page, where the hash must be of what stands there.
      return (await readFile(path, 'utf8')).trim();
    } catch (cause) {
      throw new FanfareError('MissingInput', `there is no ${path}: run npm run build`, { cause });
    }
  };
  const [script, style] = [await read('main.js'), await read('page.css')];
  const scriptHash = createHash('sha256').update(script).digest('base64');
  return { script, scriptHash, style };
}
