const least = -342;
const greatest = 308;
const count = greatest - least + 1;

let known: BigUint64Array | undefined;

/**
 * The powers of five from 5^-342 to 5^308, each as its 128 leading bits, high half first: the table of Lemire, "Number
 * parsing at a gigabyte per second" (2021). They are cut off behind these bits; from 5^-27 to 5^-1 they are rounded up.
 */
export function powersOfFive(): BigUint64Array {
  known ??= table();
  return known;
}

function table(): BigUint64Array {
  const halves = new BigUint64Array(2 * count);
  let power = 1n;
  for (let exponent = 0; exponent <= -least; exponent++, power *= 5n) {
    // Of 5^exponent; no power of five is so near to one of two that a double could not tell.
    const length = BigInt(Math.floor(exponent * Math.log2(5)) + 1);
    if (exponent <= greatest) put(halves, exponent, (power << 128n) >> length);
    const reciprocal = (1n << (length + 127n)) / power;
    if (exponent > 0) put(halves, -exponent, reciprocal + (exponent <= 27 ? 1n : 0n));
  }
  return halves;
}

function put(halves: BigUint64Array, exponent: number, bits: bigint): void {
  halves[2 * (exponent - least)] = bits >> 64n;
  halves[2 * (exponent - least) + 1] = bits;
}
