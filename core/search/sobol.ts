import { stream } from '../chance.ts';
import type { TrialNumber } from '../contracts/names.ts';
import type { Domain } from './allowed.ts';
import { sampleRandom } from './random.ts';
import { directions } from './sobol-directions.ts';
import { drawParams, groupsOf, type Params, valueAt, valueCount } from './space.ts';

/** The axes after these are drawn by themselves. */
export const sobolDimensions = directions.length + 1;

/** Points that the constraints allow, by their numbers in the sequence, as far as it was looked through. */
const sieves = new WeakMap<Domain, { readonly numbers: number[]; through: number }>();

/** So many points are looked through for each that is allowed; after that trials are drawn. */
const pointsATrial = 100;

/**
 * Point `trial` of Sobol's sequence, scrambled: any 2^k trials in a row from a multiple of 2^k on lie evenly, whatever ran
 * before. Each parameter with more than one value has its own dimension, conditional ones too. Points that are not allowed are
 * left out.
 */
export function sampleSobol(domain: Domain, trial: TrialNumber): Params {
  if (!domain.allowed) return pointOf(domain, trial);
  const sieve = sieves.get(domain) ?? { numbers: [], through: 0 };
  sieves.set(domain, sieve);
  const { numbers } = sieve;
  const last = pointsATrial * (trial + 1);
  for (; numbers.length <= trial && sieve.through < last; sieve.through++)
    if (domain.allowed(pointOf(domain, sieve.through))) numbers.push(sieve.through);
  const number = numbers[trial] ?? last;
  return number < last ? pointOf(domain, number) : sampleRandom(domain, trial);
}

function pointOf(study: Domain, number: number): Params {
  const free = groupsOf(study.space)
    .flatMap((group) => group.axes)
    .filter(({ dimension }) => valueCount(dimension) > 1);
  const place = new Map(free.map(({ name }, k) => [name, k]));
  return drawParams(study.space, ({ name, dimension }) => {
    const k = place.get(name) ?? sobolDimensions;
    if (k >= sobolDimensions) return valueAt(dimension, stream(`${study.seed}/${number}/${name}`)());
    const seed = Math.floor(stream(`${study.seed}/sobol/${k}`)() * 2 ** 32);
    return valueAt(dimension, scrambled(sobolInteger(k, number), seed) / 2 ** 32);
  });
}

/** Coordinate `dimension` of point `number` in units of 2^-32, in the order of Antonov and Saleev's Gray code. */
export function sobolInteger(dimension: number, number: number): number {
  const v = numbersOf(dimension);
  let point = 0;
  for (let rest = number ^ (number >>> 1), k = 0; rest !== 0; rest >>>= 1, k++) if (rest & 1) point ^= v[k]!;
  return point >>> 0;
}

const known: Uint32Array[] = [];

/** The direction numbers of a dimension, by the recurrence of its polynomial (Bratley and Fox, 1988). */
function numbersOf(dimension: number): Uint32Array {
  if (known[dimension]) return known[dimension];
  const v = Uint32Array.from({ length: 32 }, (_, k) => 2 ** (31 - k));
  if (dimension > 0) {
    const [polynomial = 0, ...first] = directions[dimension - 1]!.split(/\W+/).map(Number);
    const degree = first.length;
    for (let k = 0; k < 32; k++) {
      if (k < degree) {
        v[k] = first[k]! * 2 ** (31 - k);
        continue;
      }
      let next = v[k - degree]! ^ (v[k - degree]! >>> degree);
      for (let j = 1; j < degree; j++) if ((polynomial >>> (degree - j)) & 1) next ^= v[k - j]!;
      v[k] = next;
    }
  }
  known[dimension] = v;
  return v;
}

/**
 * Turns over each binary digit by a hash of those above it, so that what lay evenly still does (Owen, 1995), as B. Burley does,
 * "Practical Hash-based Owen Scrambling", Journal of Computer Graphics Techniques 9(4), 2020.
 */
export function scrambled(point: number, seed: number): number {
  let x = reversed(point) + seed;
  x ^= Math.imul(x, 0x6c50b47c);
  x ^= Math.imul(x, 0xb82f1e52);
  x ^= Math.imul(x, 0xc7afe638);
  x ^= Math.imul(x, 0x8d22f6e6);
  return reversed(x);
}

function reversed(bits: number): number {
  let x = bits;
  x = ((x >>> 1) & 0x55555555) | ((x & 0x55555555) << 1);
  x = ((x >>> 2) & 0x33333333) | ((x & 0x33333333) << 2);
  x = ((x >>> 4) & 0x0f0f0f0f) | ((x & 0x0f0f0f0f) << 4);
  x = ((x >>> 8) & 0x00ff00ff) | ((x & 0x00ff00ff) << 8);
  return ((x >>> 16) | (x << 16)) >>> 0;
}
