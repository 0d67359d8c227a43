import { parse } from 'yaml';
import * as z from 'zod';
import { FanfareError } from '../errors.ts';

/** What MLflow writes beside a model, as far as it is read. */
const Mlmodel = z.object({
  flavors: z.record(z.string(), z.looseObject({ data: z.string().optional() })).default({}),
  signature: z.object({ inputs: z.string().nullish() }).nullish(),
});

const Columns = z.array(z.object({ name: z.string() }));

/** The ONNX file of a logged model, and the columns that its signature names; null where it names none. */
export interface Logged {
  readonly file: string;
  readonly columns: readonly string[] | null;
}

/** Of an `MLmodel`, which is YAML. `BadModel` where it is of something else than ONNX; `where` says whose it is. */
export function loggedOf(text: string, where: string): Logged {
  const parsed = Mlmodel.safeParse(parse(text));
  const { flavors = {}, signature } = parsed.data ?? {};
  const names = Object.keys(flavors).filter((name) => name !== 'python_function');
  if (!flavors.onnx) {
    throw new FanfareError(
      'BadModel',
      `${where} is no ONNX model in MLflow but ${names.join(', ') || 'none that can be told'}: convert it, and log it with mlflow.onnx.log_model`,
    );
  }
  return { file: flavors.onnx.data ?? 'model.onnx', columns: columnsOf(signature?.inputs) };
}

/** The signature of tensors names no columns. */
function columnsOf(inputs: string | null | undefined): readonly string[] | null {
  if (!inputs) return null;
  const columns = Columns.safeParse(JSON.parse(inputs));
  return columns.success ? columns.data.map(({ name }) => name) : null;
}
