export function buildLayers(options?: {
  readonly into?: string;
  readonly limitMiB?: number;
}): { readonly architecture: string; readonly folder: string; readonly bytes: number }[];
