/** What a command ends with, besides 128 and the number of the signal that ended it. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  badInput: 3,
  recordWaits: 4,
} as const;

const byName: Readonly<Record<string, number>> = {
  Usage: exitCodes.usage,
  InvalidSpec: exitCodes.badInput,
  MissingInput: exitCodes.badInput,
  BadTable: exitCodes.badInput,
  BadModel: exitCodes.badInput,
  TrackerUnavailable: exitCodes.recordWaits,
};

/** That of an error, by its name. */
export const exitCodeOf = (name: string): number => byName[name] ?? exitCodes.failed;
