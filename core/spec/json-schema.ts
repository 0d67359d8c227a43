import { PredictionOnly, Spec } from '../contracts/spec.ts';
import { jsonSchemaOf } from '../contracts/written.ts';

/** What a specification may be, for editors: `schema/fanfare.schema.json`. */
export const specSchema = (): object => {
  const { $schema, ...schema } = jsonSchemaOf(Spec);
  // One of predictions alone has neither target nor tune.
  const { required } = jsonSchemaOf(PredictionOnly);
  return {
    ...{ $schema, title: 'A Fanfare specification' },
    description: 'Hyperparameter tuning and batch inference over tables: fanfare pipeline SPEC',
    ...schema,
    required,
  };
};
