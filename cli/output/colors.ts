import pc from 'picocolors';

type Stream = { readonly isTTY?: boolean };

/** A stream has colours if it is a terminal that knows them or FORCE_COLOR asks for them, and NO_COLOR does not say otherwise (no-color.org). */
export function colorsFor(stream: Stream): ReturnType<typeof pc.createColors> {
  const { NO_COLOR, FORCE_COLOR } = process.env;
  const forced = FORCE_COLOR !== undefined && FORCE_COLOR !== '' && FORCE_COLOR !== '0';
  return pc.createColors(!NO_COLOR && (forced || isTerminal(stream)));
}

/** Whether lines can be written anew, and somebody sees it: the log of a CI job keeps every line. */
export const isLive = (stream: Stream): boolean => isTerminal(stream) && !process.env.CI;

const isTerminal = ({ isTTY }: Stream): boolean => isTTY === true && process.env.TERM !== 'dumb';
