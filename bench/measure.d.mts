export function runProgram(
  command: string,
  args: readonly string[],
  options?: { readonly env?: Readonly<Record<string, string>>; readonly besides?: readonly number[] },
): Promise<{
  readonly stdout: string;
  readonly startedAt: number;
  readonly seconds: number;
  readonly cpuSeconds: number | undefined;
  readonly peakMiB: number | undefined;
  readonly cpuOf: Readonly<Record<string, number>>;
}>;
