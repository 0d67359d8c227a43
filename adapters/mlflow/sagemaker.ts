import { FanfareError } from '../../core/errors.ts';
import { type AwsCredentials, sha256Hex, signV4, type Unsigned } from './sigv4.ts';

/** Headers that prove who sends a request; they take the place of its own. */
export type Sign = (request: Unsigned) => Record<string, string>;

export interface SagemakerServer {
  /** `https://…`, the server's endpoint. */
  readonly uri: string;
  readonly region: string;
  readonly service: 'sagemaker-mlflow' | 'sagemaker';
  /** Says which server is meant; the endpoint is shared by all of a region. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Where the server of an ARN answers, and by what name requests to it are signed: `mlflow-tracking-server` and `mlflow-app`
 * as AWS's own plugin has it (github.com/aws/sagemaker-mlflow). `InvalidSpec` for any other ARN.
 */
export function sagemakerServer(arn: string): SagemakerServer {
  const [, region = '', kind] =
    /^arn:aws(?:-us-gov)?:sagemaker:([a-z0-9-]+):\d{12}:(mlflow-tracking-server|mlflow-app)\/.+$/.exec(arn) ??
    [];
  switch (kind) {
    case 'mlflow-tracking-server':
      return {
        uri: `https://${region}.experiments.sagemaker.aws`,
        region,
        service: 'sagemaker-mlflow',
        headers: { 'x-mlflow-sm-tracking-server-arn': arn },
      };
    case 'mlflow-app':
      return {
        uri: `https://mlflow.sagemaker.${region}.app.aws`,
        region,
        service: 'sagemaker',
        headers: { 'x-sm-mlflow-app-arn': arn },
      };
    default:
      throw new FanfareError(
        'InvalidSpec',
        `${arn} is no MLflow of SageMaker: use arn:aws:sagemaker:<region>:<account>:mlflow-tracking-server/<name> or …:mlflow-app/<name>`,
      );
  }
}

/** Signs as whoever the environment says we are: on Lambda, the function's role. */
export function signFor(
  server: Pick<SagemakerServer, 'region' | 'service' | 'headers'>,
  credentials: () => AwsCredentials,
  now: () => number,
): Sign {
  return (request) =>
    signV4(
      {
        ...request,
        headers: {
          ...request.headers,
          ...server.headers,
          'x-amz-content-sha256': sha256Hex(request.body),
        },
      },
      { credentials: credentials(), region: server.region, service: server.service, now: now() },
    );
}

/** The credentials of the environment, as Lambda gives them to a function. */
export function environmentCredentials(env: Readonly<Record<string, string | undefined>>): AwsCredentials {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (accessKeyId && secretAccessKey) {
    return { accessKeyId, secretAccessKey, sessionToken: env.AWS_SESSION_TOKEN };
  }
  throw new FanfareError(
    'TrackerUnavailable',
    'requests to MLflow are to be signed, but AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set',
  );
}
