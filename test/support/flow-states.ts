import { readFileSync } from 'node:fs';
import { flows } from '../../core/contracts/functions.ts';

interface Written {
  readonly Catch?: readonly { readonly Next: string }[];
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[] }[];
}

/** `flow state > next` for every Catch that stands in flows/. */
export const writtenCatches = (): string[] => everyFlow(catchesIn);

/** `flow state: error, error` for every Retry that stands in flows/. */
export const writtenRetries = (): string[] => everyFlow(retriesIn);

export const catchesIn = (text: string): string[] =>
  statesIn(text).flatMap(([name, state]) => (state.Catch ?? []).map(({ Next }) => `${name} > ${Next}`));

export const retriesIn = (text: string): string[] =>
  statesIn(text).flatMap(([name, state]) =>
    (state.Retry ?? []).map(({ ErrorEquals }) => `${name}: ${ErrorEquals.join(', ')}`),
  );

const everyFlow = (find: (text: string) => string[]): string[] =>
  flows.flatMap((flow) => find(textOf(flow)).map((found) => `${flow} ${found}`));

const textOf = (flow: string): string =>
  readFileSync(new URL(`../../flows/${flow}.asl.json`, import.meta.url), 'utf8');

/** Every state, however deep, with its name. */
function statesIn(text: string): [string, Written][] {
  const below = (node: unknown): [string, Written][] => {
    if (typeof node !== 'object' || node === null) return [];
    const here = 'States' in node ? Object.entries(node.States as Readonly<Record<string, Written>>) : [];
    return [...here, ...Object.values(node).flatMap(below)];
  };
  return below(JSON.parse(text));
}
