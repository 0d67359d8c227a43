import { sha256 } from '../digest.ts';
import { FanfareError } from '../errors.ts';
import { loggedOf } from './mlmodel.ts';
import { profileFile } from './model-files.ts';
import { tag } from './tags.ts';
import type { ModelStore, ModelVersion, Registry, Tracker } from './tracker.ts';

/** A version of a registered model. */
export interface ResolvedModel {
  readonly name: string;
  readonly version: string;
  /** The SHA-256 of its ONNX file; undefined where something else than Fanfare registered it. */
  readonly digest: string | undefined;
  /** `code:<digest>` of what makes its columns; undefined where it takes those of the table. */
  readonly features: string | undefined;
  readonly source: string;
}

/** The version that the alias names, or undefined where there is no such model or alias. */
export async function championOf(
  registry: Registry,
  name: string,
  alias: string,
): Promise<ResolvedModel | undefined> {
  const version = (await registry.aliases(name))?.[alias];
  if (version === undefined) return undefined;
  const versions = await registry.searchVersions({ name });
  const found = versions.find((candidate) => candidate.version === version);
  return found && resolved(found);
}

/** What `models:/<name>@<alias>` or `models:/<name>/<version>` means now. `InvalidSpec`, or `MissingInput` with what there is. */
export async function resolveModel(registry: Registry, uri: string): Promise<ResolvedModel> {
  const [, name, alias, version] = /^models:\/([^/@]+)(?:@([^/@]+)|\/(\d+))$/.exec(uri) ?? [];
  if (name === undefined) {
    throw new FanfareError(
      'InvalidSpec',
      `${uri} names no registered model: write models:/<name>@<alias>, models:/<name>/<version number> or sha256:<64 hex digits>`,
    );
  }
  const aliases = await registry.aliases(name);
  const versions = aliases === undefined ? [] : await registry.searchVersions({ name });
  const wanted = version ?? aliases?.[alias ?? ''];
  const found = versions.find((candidate) => candidate.version === wanted);
  if (found === undefined) throw missing(uri, name, aliases, versions);
  return resolved(found);
}

/** An ONNX file, and the columns that its signature in MLflow names; null where it names none. */
export interface ModelFile {
  readonly bytes: Uint8Array;
  readonly columns: readonly string[] | null;
}

/** The ONNX file of a version, given by number or alias. `MissingInput` if there is none, or it is not what was registered. */
export async function downloadModel(
  tracker: Registry & ModelStore,
  name: string,
  versionOrAlias: string,
): Promise<ModelFile & { readonly version: string; readonly digest: string }> {
  const separator = /^\d+$/.test(versionOrAlias) ? '/' : '@';
  const { version, source, digest } = await resolveModel(
    tracker,
    `models:/${name}${separator}${versionOrAlias}`,
  );
  const id = modelIdOf(source);
  const where = `version ${version} of ${name} (${source})`;
  const file = await modelIn(where, (path) =>
    id === undefined ? tracker.downloadVersionFile(name, version, path) : tracker.downloadFile(id, path),
  );
  const actual = await sha256(file.bytes);
  if (digest !== undefined && digest !== actual) {
    throw new FanfareError(
      'MissingInput',
      `model.onnx of version ${version} of ${name} was changed since it was registered: it has SHA-256 ${actual}, not ${digest}`,
    );
  }
  return { ...file, version, digest: actual };
}

/** The ONNX file of a logged model. */
export const downloadLogged = (tracker: ModelStore, id: string): Promise<ModelFile> =>
  modelIn(`the logged model ${id}`, (path) => tracker.downloadFile(id, path));

/** What a run logged under that path: a model, a folder with one among its artifacts, or an .onnx file there. */
export async function downloadOfRun(tracker: Tracker, run: string, path: string): Promise<ModelFile> {
  const { outputs } = await tracker.linkedModels(run);
  for (const id of outputs) if ((await tracker.modelName(id)) === path) return downloadLogged(tracker, id);
  const where = `artifact ${path} of run ${run}`;
  if (!path.endsWith('.onnx'))
    return modelIn(where, (file) => tracker.downloadRunFile(run, `${path}/${file}`));
  const bytes = await tracker.downloadRunFile(run, path);
  if (bytes) return { bytes, columns: null };
  throw new FanfareError('MissingInput', `MLflow has no ${where}`);
}

/** The model in a folder of MLflow: its `MLmodel` says which file it is. */
async function modelIn(
  where: string,
  read: (path: string) => Promise<Uint8Array | undefined>,
): Promise<ModelFile> {
  const told = await read('MLmodel');
  const { file, columns } = told
    ? loggedOf(new TextDecoder().decode(told), where)
    : { file: 'model.onnx', columns: null };
  const bytes = await read(file);
  if (bytes) return { bytes, columns };
  throw new FanfareError('MissingInput', `${where} has no file ${file} in MLflow`);
}

/** What a version says of the rows that it was trained on, if it does. */
export async function downloadProfile(
  tracker: ModelStore,
  { name, version, source }: Pick<ResolvedModel, 'name' | 'version' | 'source'>,
): Promise<Uint8Array | undefined> {
  const modelId = modelIdOf(source);
  return modelId === undefined
    ? tracker.downloadVersionFile(name, version, profileFile)
    : tracker.downloadFile(modelId, profileFile);
}

/** The logged model that a version was made of, if it was. */
export const modelIdOf = (source: string): string | undefined => /^models:\/(m-[0-9a-z]+)$/.exec(source)?.[1];

const resolved = ({ name, version, source, tags }: ModelVersion): ResolvedModel => ({
  name,
  version,
  digest: tags[tag.digest],
  features: tags[tag.features],
  source,
});

function missing(
  uri: string,
  name: string,
  aliases: Readonly<Record<string, string>> | undefined,
  versions: readonly ModelVersion[],
): FanfareError {
  if (aliases === undefined)
    return new FanfareError('MissingInput', `${uri}: MLflow has no registered model ${name}`);
  const named = Object.entries(aliases).map(([alias, version]) => `@${alias} (version ${version})`);
  const numbers = versions.map(({ version }) => version).toReversed();
  const known = `versions ${numbers.join(', ') || 'none'}; aliases ${named.join(', ') || 'none'}`;
  return new FanfareError('MissingInput', `${uri}: there is no such version of ${name}. There are: ${known}`);
}
