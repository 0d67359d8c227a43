import { report } from './output/report.ts';
import { command, type Options, withFanfare } from './session.ts';

export const predictCommand = command('predict', 'predict every row of a table with an ONNX model')
  .argument(
    '<spec>',
    'a specification in YAML, which needs no tune: predict.table is predicted, or else its table',
  )
  .option(
    '--model <uri>',
    'models:/name@alias, models:/name/3, models:/m-…, runs:/<run>/<path>, s3://bucket/key.onnx, sha256:<digest> or an .onnx file; the champion by default',
  )
  .action((spec: string, options: Options & { readonly model?: string }) =>
    withFanfare(options, async (fanfare) => report(await fanfare.predict(spec, options), options)),
  );
