import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Results of searches that depend on nothing of this project: kept in a file, a line each, and used again as long as their key
 * is the same.
 *
 * @param {string} file
 */
export function keptIn(file) {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  const known = new Map(lines.map((line) => JSON.parse(line)).map((each) => [each.key, each]));
  return async (key, take) => {
    if (known.has(key)) return known.get(key);
    const taken = { key, ...(await take()) };
    mkdirSync(dirname(file), { recursive: true });
    appendFileSync(file, `${JSON.stringify(taken)}\n`);
    known.set(key, taken);
    return taken;
  };
}

/** What a result depends on beside sampler and seed: the function itself, its space and its noise. */
export const digestOf = ({ of, space, noise = 0 }) =>
  createHash('sha256')
    .update(`${of}${JSON.stringify(space)}${noise}`)
    .digest('hex')
    .slice(0, 12);
