/** Who wrote a model, as its metadata says; the version is package.json's. */
export const producer = { name: 'fanfare', version: '0.1.0' } as const;
