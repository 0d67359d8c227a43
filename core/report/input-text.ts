import type { Prediction } from '../contracts/records.ts';

/** What a prediction is of, in words. */
export function inputText({ input }: Pick<Prediction, 'input'>): string {
  switch (input.kind) {
    case 'dataset':
      return `the ${input.side} side of ${input.dataset}`;
    case 'table':
      return input.table;
    case 'rejects':
      return `what ${input.parent} rejected`;
  }
}
