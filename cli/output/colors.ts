import pc from 'picocolors';

/** A stream has colours if it is a terminal that knows them and NO_COLOR does not say otherwise (no-color.org). */
export const colorsFor = (stream: { readonly isTTY?: boolean }): ReturnType<typeof pc.createColors> =>
  pc.createColors(isLive(stream) && !process.env.NO_COLOR);

/** Whether lines can be written anew. */
export const isLive = ({ isTTY }: { readonly isTTY?: boolean }): boolean =>
  isTTY === true && process.env.TERM !== 'dumb';
