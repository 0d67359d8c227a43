import { FanfareError } from '../../core/errors.ts';
import type { MlflowClient } from './client.ts';
import { MlflowError, unknownPath } from './errors.ts';
import type { RestApi } from './rest-api.ts';
import { answers } from './wire.ts';

/** Whose file it is to be, and where the server says that those go. */
export interface UploadPlace {
  readonly location: string;
  readonly owner: { readonly run_id: string } | { readonly model_id: string };
  /** Where that is not all that the owner has: which folder of it. */
  readonly folder?: string | undefined;
}

/** Through the server where it keeps the files (`mlflow-artifacts:`), else to a URL that it signs (`s3:` and the like). */
export async function upload(
  api: RestApi,
  client: MlflowClient,
  { location, owner, folder: within }: UploadPlace,
  path: string,
  bytes: Uint8Array,
): Promise<void> {
  const body = { kind: 'bytes', value: bytes } as const;
  if (location.startsWith('mlflow-artifacts:')) {
    const folder = new URL(location).pathname.split('/').filter((part) => part !== '');
    const at = [...folder, ...path.split('/')].map((part) => encodeURIComponent(decodeURIComponent(part)));
    const file = `/api/2.0/mlflow-artifacts/artifacts/${at.join('/')}`;
    await client.bytes({ method: 'PUT', path: file, body, repeatable: true });
    return;
  }
  if (!/^(s3|gs|wasbs|abfss|dbfs):/.test(location)) {
    throw new FanfareError(
      'TrackerUnavailable',
      `MLflow at ${client.uri} keeps artifacts at ${location}, where only its own machine can write: start it with --serve-artifacts`,
    );
  }
  const whole = within === undefined ? path : `${within}/${path}`;
  try {
    const wanted = { ...owner, path: whole, expiration: 900 };
    const signed = await api.post(answers.signedUpload, 'artifacts/presigned-upload-url', wanted);
    const { presigned_url, headers } = signed;
    await client.bytes({ method: 'PUT', path: presigned_url, headers, body, repeatable: true });
  } catch (error) {
    if (!(error instanceof MlflowError && error.code === unknownPath && 'run_id' in owner)) throw error;
    // Before 3 it signs nothing. Its page of a run writes to any store, up to 10 MB.
    const query = { run_uuid: owner.run_id, path: whole };
    const page = '/ajax-api/2.0/mlflow/upload-artifact';
    await client.bytes({ method: 'POST', path: page, query, body, repeatable: true });
  }
}
