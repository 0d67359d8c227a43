export declare const functions: readonly {
  readonly name: string;
  readonly kind: string;
  readonly space: Readonly<Record<string, unknown>>;
  readonly least: number;
  readonly noise?: number;
  of(params: Readonly<Record<string, string | number | boolean>>): number;
}[];
