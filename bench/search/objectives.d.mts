export declare const functions: readonly {
  readonly name: string;
  readonly kind: string;
  readonly space: Readonly<Record<string, unknown>>;
  readonly reference: readonly number[];
  readonly volume: number;
  of(params: Readonly<Record<string, string | number>>): number[];
}[];
