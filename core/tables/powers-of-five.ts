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
  for (let i = 0; i < count; i++) {
    const bits = leadingBits(least + i);
    halves[2 * i] = bits >> 64n;
    halves[2 * i + 1] = BigInt.asUintN(64, bits);
  }
  return halves;
}

function leadingBits(exponent: number): bigint {
  const power = 5n ** BigInt(Math.abs(exponent));
  const length = BigInt(power.toString(2).length);
  if (exponent >= 0) return length <= 128n ? power << (128n - length) : power >> (length - 128n);
  return (1n << (length + 127n)) / power + (exponent >= -27 ? 1n : 0n);
}
