export declare function compareRanks(
  first: readonly number[],
  second: readonly number[],
): { readonly worse: boolean; readonly p: number };
