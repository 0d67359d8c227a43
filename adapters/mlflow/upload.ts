import { FanfareError } from '../../core/errors.ts';
import type { MlflowClient } from './client.ts';
import type { RestApi } from './rest-api.ts';
import { answers } from './wire.ts';

/** Whose file it is to be, and where the server says that those go. */
export interface UploadPlace {
  readonly location: string;
  readonly owner: { readonly run_id: string } | { readonly model_id: string };
}

/** Through the server where it keeps the files (`mlflow-artifacts:`), else to a URL that it signs (`s3:` and the like). */
export async function upload(
  api: RestApi,
  client: MlflowClient,
  { location, owner }: UploadPlace,
  path: string,
  bytes: Uint8Array,
): Promise<void> {
  const body = { kind: 'bytes', value: bytes } as const;
  if (location.startsWith('mlflow-artifacts:')) {
    const folder = new URL(location).pathname.split('/').filter((part) => part !== '');
    const at = [...folder, ...path.split('/')].map((part) => encodeURIComponent(decodeURIComponent(part)));
    const whole = `/api/2.0/mlflow-artifacts/artifacts/${at.join('/')}`;
    await client.bytes({ method: 'PUT', path: whole, body, repeatable: true });
    return;
  }
  if (!/^(s3|gs|wasbs|abfss|dbfs):/.test(location)) {
    throw new FanfareError(
      'TrackerUnavailable',
      `MLflow at ${client.uri} keeps artifacts at ${location}, where only its own machine can write: start it with --serve-artifacts`,
    );
  }
  const wanted = { ...owner, path, expiration: 900 };
  const signed = await api.post(answers.signedUpload, 'artifacts/presigned-upload-url', wanted);
  const { presigned_url, headers } = signed;
  await client.bytes({ method: 'PUT', path: presigned_url, headers, body, repeatable: true });
}
