import type { Ports } from './ports.ts';

/** What is left of an invocation's time for what it has to be written: at most a quarter of it. */
const reserveMs = 20_000;

/**
 * Tells, after each unit of work, whether the invocation's time is up: as much time is kept again as the longest unit
 * took, and some to write what they came to. `whole`: the milliseconds that are left before the first.
 */
export function deadline(
  { now, remaining }: Pick<Ports, 'now' | 'remaining'>,
  whole = remaining(),
): () => boolean {
  const reserve = Math.min(reserveMs, whole / 4);
  let [began, longest] = [now(), 0];
  return () => {
    const ended = now();
    longest = Math.max(longest, ended - began);
    began = ended;
    return remaining() <= reserve + longest;
  };
}
