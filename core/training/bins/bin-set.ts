/** Bytes of a set of bins: bit b of it stands for bin b. */
export const setBytes = 32;

export const setHas = (set: Uint8Array, bin: number): boolean => ((set[bin >> 3]! >> (bin & 7)) & 1) === 1;

export const setAdd = (set: Uint8Array, bin: number): void => {
  set[bin >> 3]! |= 1 << (bin & 7);
};
