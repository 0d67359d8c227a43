/** What a model sees of a time: `month` 1 to 12, `weekday` 0 (Monday) to 6, `minute` of the day 0 to 1439. UTC. */
export const dateParts = ['month', 'weekday', 'minute'] as const;
export type DatePart = (typeof dateParts)[number];

const dayMillis = 86_400_000;

/** The part of each time (milliseconds since 1970-01-01T00:00Z, NaN where missing). */
export function datePart(part: DatePart, times: Float64Array): Float32Array {
  const from = partOf[part];
  const out = new Float32Array(times.length);
  for (let i = 0; i < times.length; i++) out[i] = from(Math.floor(times[i]!));
  return out;
}

const partOf: Readonly<Record<DatePart, (time: number) => number>> = {
  month: (time) => month(Math.floor(time / dayMillis)),
  // 1970-01-01 was a Thursday.
  weekday: (time) => floorMod(Math.floor(time / dayMillis) + 3, 7),
  minute: (time) => Math.floor(floorMod(time, dayMillis) / 60_000),
};

const floorMod = (value: number, by: number): number => value - Math.floor(value / by) * by;

/**
 * The Gregorian month of a day since 1970-01-01, for any year: eras of 400 years that begin on 1 March, as in Howard
 * Hinnant's civil_from_days (https://howardhinnant.github.io/date_algorithms.html). The exported graph does the same.
 */
function month(day: number): number {
  const dayOfEra = floorMod(day + 719_468, 146_097);
  const leaps = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  return ((fromMarch + 2) % 12) + 1;
}
