import { FanfareError } from '../errors.ts';

/** Where a model comes from, as a person names it. */
export type ModelSource =
  | { readonly kind: 'digest'; readonly digest: string }
  | { readonly kind: 'version'; readonly uri: string }
  | { readonly kind: 'logged'; readonly id: string }
  | { readonly kind: 'run'; readonly run: string; readonly path: string }
  | { readonly kind: 'object'; readonly uri: string }
  /** On the machine of whoever names it: a flow sees its digest. */
  | { readonly kind: 'file'; readonly path: string };

/** `InvalidSpec`, with the forms that there are. */
export function modelSource(given: string): ModelSource {
  const digest = /^sha256:([0-9a-f]{64})$/.exec(given)?.[1];
  if (digest !== undefined) return { kind: 'digest', digest };
  const id = /^models:\/(m-[0-9a-z]+)$/.exec(given)?.[1];
  if (id !== undefined) return { kind: 'logged', id };
  if (/^models:\/[^/@]+(@[^/@]+|\/\d+)$/.test(given)) return { kind: 'version', uri: given };
  const [, run, path] = /^runs:\/([^/]+)\/(.+?)\/?$/.exec(given) ?? [];
  if (run !== undefined && path !== undefined) return { kind: 'run', run, path };
  if (/^s3:\/\/[^/]+\/.+\.onnx$/.test(given)) return { kind: 'object', uri: given };
  if (!/^[a-z0-9]+:/.test(given) && given.endsWith('.onnx')) return { kind: 'file', path: given };
  throw new FanfareError(
    'InvalidSpec',
    `${JSON.stringify(given)} names no model: write ${forms.slice(0, -1).join(', ')} or ${forms.at(-1)}`,
  );
}

const forms = [
  'models:/<name>@<alias>',
  'models:/<name>/<version number>',
  'models:/m-<id of a logged model>',
  'runs:/<run id>/<artifact path>',
  's3://<bucket>/<key>.onnx',
  'sha256:<64 hex digits>',
  'the path of an .onnx file',
] as const;
