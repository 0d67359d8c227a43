export interface Grant {
  readonly who: string;
  readonly effect: string;
  readonly action: string;
  readonly resource: string;
  readonly condition?: string;
}
export function grantsOf(template: object): Grant[];
export function tableOf(rows: readonly Grant[]): string;
