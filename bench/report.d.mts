type Measured = Readonly<Record<string, unknown>> & { readonly contender: string };
interface Report {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly notes: readonly string[];
}
export function figure(values: readonly (number | undefined)[], digits: number): string;
export function timesOurs(records: readonly Measured[], peer: string, key: string): number[];
export function reportOf(
  title: string,
  records: readonly Measured[],
  columns: readonly (readonly [title: string, key: string, digits?: number])[],
  notes?: readonly string[],
): Report;
export function markdown(report: Report): string;
