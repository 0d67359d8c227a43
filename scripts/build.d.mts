export function bundle(): Promise<void>;
export function bundleCommands(entry: string, outfile: string): Promise<unknown>;
