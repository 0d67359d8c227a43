/** Each kernel's source and the module that carries it. */
export const kernels: Readonly<Record<string, string>>;
/** The text of the module that a kernel's source gives. */
export function generate(source: string): Promise<string>;
