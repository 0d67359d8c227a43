import type { ModelCard } from '../contracts/study.ts';
import { goldenTolerance, numbersOf } from '../onnx/golden.ts';
import { loaderModule, loaderSource } from './pyfunc-loader.ts';

/** What Python needs to load the model: the versions of `python/requirements-test.txt`, which the tests load it with. */
const mlflowVersion = '3.17.2';
const onnxVersion = '1.23.2';
const pythonVersion = '3.11';
const requirements = [
  `mlflow==${mlflowVersion}`,
  `onnx==${onnxVersion}`,
  "onnxruntime==1.23.2; python_version < '3.11'",
  "onnxruntime==1.32.0; python_version >= '3.11'",
];

/** What the model was trained on (`ModelProfile`), beside it. */
export const profileFile = 'training_profile.json';

const exampleRows = 5;

type Port = ModelCard['inputs'][number];

/**
 * The files of a logged model with the flavors `onnx` and `python_function`, in the order in which they are to be written:
 * `MLmodel` is the last, since Python reads nothing else without it.
 */
export function modelFiles(
  card: ModelCard,
  model: Uint8Array,
  profile: Uint8Array | undefined,
  logged: {
    readonly modelId: string;
    readonly runId: string;
    readonly location: string;
    readonly createdAt: number;
  },
): readonly (readonly [path: string, bytes: Uint8Array])[] {
  const columns = card.inputs.map(({ name }) => name);
  const rows = card.example.map((row) => rowOf(card, row));
  const split = { columns, data: rows.slice(0, exampleRows) };
  const text = (content: string) => new TextEncoder().encode(content);
  const json = (content: unknown) => text(JSON.stringify(content));
  return [
    ['model.onnx', model],
    ...(profile ? [[profileFile, profile] as const] : []),
    ...(card.fields.length > 0
      ? [['golden_rows.json', json(goldenRows(card, { columns, data: rows }))] as const]
      : []),
    ...(card.importance ? [['feature_importance.json', json(card.importance)] as const] : []),
    [`code/${loaderModule}.py`, text(loaderSource)],
    ['requirements.txt', text(`${requirements.join('\n')}\n`)],
    [
      'python_env.yaml',
      json({ python: pythonVersion, build_dependencies: ['pip'], dependencies: ['-r requirements.txt'] }),
    ],
    ['conda.yaml', json(condaEnvironment())],
    ['input_example.json', json(split)],
    ['serving_input_example.json', json({ dataframe_split: split })],
    ['MLmodel', json(mlmodel(card, logged))],
  ];
}

/** What the loader tries when it loads the model; see `requireGolden`. */
const goldenRows = (
  card: ModelCard,
  split: { readonly columns: readonly string[]; readonly data: unknown },
) => ({
  ...split,
  expected: Object.fromEntries(
    numbersOf(card).map((name) => [name, card.expected.map((answer) => answer[name])]),
  ),
  tolerance: goldenTolerance,
});

const rowOf = (card: ModelCard, row: ModelCard['example'][number]) =>
  card.inputs.map(({ name }) => row[name] ?? null);

function condaEnvironment() {
  return {
    name: 'mlflow-env',
    channels: ['conda-forge'],
    dependencies: [`python=${pythonVersion}`, 'pip', { pip: requirements }],
  };
}

/** JSON is YAML too. */
function mlmodel(card: ModelCard, logged: Parameters<typeof modelFiles>[3]) {
  return {
    artifact_path: logged.location,
    run_id: logged.runId,
    // MLflow before 3 has no models of their own.
    ...(logged.modelId.startsWith('m-') && { model_id: logged.modelId }),
    flavors: {
      onnx: {
        code: null,
        data: 'model.onnx',
        onnx_session_options: null,
        onnx_version: onnxVersion,
        providers: ['CPUExecutionProvider'],
      },
      python_function: {
        code: 'code',
        data: 'model.onnx',
        env: { conda: 'conda.yaml', virtualenv: 'python_env.yaml' },
        loader_module: loaderModule,
        python_version: pythonVersion,
      },
    },
    is_signature_from_type_hint: false,
    type_hint_from_example: false,
    mlflow_version: mlflowVersion,
    model_size_bytes: card.size,
    model_uuid: card.digest.slice(0, 32),
    saved_input_example_info: {
      artifact_path: 'input_example.json',
      pandas_orient: 'split',
      serving_input_path: 'serving_input_example.json',
      type: 'dataframe',
    },
    signature: {
      inputs: JSON.stringify(card.inputs.map((port) => column(port, inputTypes))),
      outputs: JSON.stringify(card.outputs.flatMap((port) => columnsOf(port, card))),
      params: null,
    },
    utc_time_created: new Date(logged.createdAt).toISOString().replace('T', ' ').replace('Z', ''),
  };
}

/** What is a row wide is a column a class, as the loader gives it. */
function columnsOf(port: Port, { task }: ModelCard) {
  if (task?.kind !== 'multiclass' || port.name !== 'probability') return [column(port, outputTypes)];
  return task.classes.map((each) => column({ ...port, name: `${port.name}_${each}` }, outputTypes));
}

const column = ({ name, type }: Port, types: Readonly<Record<Port['type'], string>>) => ({
  type: types[type],
  name,
  required: true,
});

const outputTypes = {
  float32: 'float',
  float64: 'double',
  int64: 'long',
  int32: 'integer',
  bool: 'boolean',
  string: 'string',
} as const;

/** MLflow refuses a pandas float64 column for a `float`, and takes a float32 one for a `double`: the loader casts. */
const inputTypes = { ...outputTypes, float32: 'double' } as const;
