import type { PredictionSpec, Table } from '../contracts/spec.ts';
import { FanfareError } from '../errors.ts';

/**
 * The specification at `uri` (`s3://bucket/uploads/…`) with its tables' paths as `s3://` URIs: a relative one is meant from
 * the specification's own folder. `InvalidSpec` for what cannot be in a bucket, all of it at once.
 */
export function locate<S extends PredictionSpec>(spec: S, uri: string): S {
  const mistakes: string[] = [];
  const located = (where: string, table: Table): Table => {
    const path = pathFrom(uri, table.path);
    if (path.kind === 'refused') mistakes.push(`${where}.path: ${JSON.stringify(table.path)} ${path.reason}`);
    return path.kind === 'refused' ? table : { ...table, path: path.uri };
  };
  const table = located('table', spec.table);
  const predict = spec.predict.table
    ? { ...spec.predict, table: located('predict.table', spec.predict.table) }
    : spec.predict;
  if (mistakes.length > 0) {
    const allowed = 'allowed: a path from the folder of the specification, or s3://bucket/key';
    throw new FanfareError('InvalidSpec', mistakes.map((mistake) => `${mistake}; ${allowed}`).join('\n'));
  }
  return { ...spec, table, predict };
}

type Located =
  | { readonly kind: 'located'; readonly uri: string }
  | { readonly kind: 'refused'; readonly reason: string };

function pathFrom(spec: string, path: string): Located {
  if (path.startsWith('s3://')) return { kind: 'located', uri: path };
  const [scheme] = /^[a-z][a-z0-9+.-]*:/i.exec(path) ?? [];
  if (scheme) return { kind: 'refused', reason: `is a ${scheme} address, which no function can open` };
  if (path.startsWith('/')) return { kind: 'refused', reason: 'is an absolute path of some machine' };
  const [bucket, ...folders] = spec.slice('s3://'.length).split('/').slice(0, -1);
  const parts = folders;
  for (const part of path.split('/')) {
    if (part === '..' && parts.length === 0) return { kind: 'refused', reason: 'leads out of the bucket' };
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return { kind: 'located', uri: `s3://${[bucket, ...parts].join('/')}` };
}
