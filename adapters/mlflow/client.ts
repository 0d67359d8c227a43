import pRetry, { AbortError } from 'p-retry';
import { FanfareError } from '../../core/errors.ts';
import { MlflowError } from './errors.ts';
import type { Sign } from './sagemaker.ts';

export interface MlflowOptions {
  /** `http://host:port`, with or without a path. */
  readonly uri: string;
  readonly token?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Signs each request to the server, in place of a token or a password. */
  readonly sign?: Sign;
  /** Of a call that may be repeated, after no answer, 429 or 5xx. 4 if not given, with 0.2 to 2 s in between. */
  readonly retries?: number;
  /** Of one attempt; 30,000 if not given. */
  readonly timeoutMs?: number;
}

/** One call of MLflow's REST API. */
interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT';
  /** Below the server's URI, or a whole URL that the server signed; that one gets none of our credentials. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Body;
  /** False for what would be done twice: a create that got no answer may have been done. */
  readonly repeatable: boolean;
}

type Body =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'bytes'; readonly value: Uint8Array };

/**
 * Speaks to an MLflow server. No answer, a time-out, 429 or 5xx after the repeats, and an answer that is not MLflow's:
 * `TrackerUnavailable`. Any other refusal: `MlflowError`.
 */
export interface MlflowClient {
  readonly uri: string;
  json(call: Call): Promise<unknown>;
  bytes(call: Call): Promise<Uint8Array>;
}

export function connectMlflow(options: MlflowOptions): MlflowClient {
  const uri = baseOf(options.uri);
  const request = async <T>(call: Call, read: (response: Response) => Promise<T>): Promise<T> =>
    await pRetry(() => attempt(uri, options, call, read), {
      retries: call.repeatable ? (options.retries ?? 4) : 0,
      minTimeout: 200,
      maxTimeout: 2000,
      randomize: true,
    });
  return {
    uri,
    json: (call) =>
      request(call, async (response) => parse(uri, call, response.status, await response.text())),
    bytes: (call) => request(call, async (response) => new Uint8Array(await response.arrayBuffer())),
  };
}

/** The server that MLFLOW_TRACKING_URI names, with MLFLOW_TRACKING_TOKEN or _USERNAME and _PASSWORD; undefined: none. */
export function mlflowOptions(env: Readonly<Record<string, string | undefined>>): MlflowOptions | undefined {
  const uri = env.MLFLOW_TRACKING_URI;
  if (uri === undefined || uri === '') return undefined;
  return {
    uri,
    token: env.MLFLOW_TRACKING_TOKEN,
    username: env.MLFLOW_TRACKING_USERNAME,
    password: env.MLFLOW_TRACKING_PASSWORD,
  };
}

function baseOf(uri: string): string {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new FanfareError(
      'InvalidSpec',
      `MLFLOW_TRACKING_URI is ${uri}: it must be the http:// or https:// address of an MLflow server`,
    );
  }
  return uri.replace(/\/+$/, '');
}

async function attempt<T>(
  uri: string,
  options: MlflowOptions,
  call: Call,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  try {
    const url = urlOf(uri, call);
    const body = call.body === undefined ? undefined : encode(call.body);
    const response = await fetch(url, {
      method: call.method,
      headers: headersOf(options, call, url, body ?? ''),
      signal: AbortSignal.timeout(options.timeoutMs ?? 30_000),
      ...(body === undefined ? {} : { body }),
    });
    if (response.ok) return await read(response);
    const error = refusal(uri, call, response.status, await response.text());
    throw isPassing(response.status) ? error : new AbortError(error);
  } catch (error) {
    if (error instanceof FanfareError || error instanceof AbortError) throw error;
    throw unavailable(uri, call, reasonOf(error), error);
  }
}

/** A space as %20: a signature is made over that, not over a +. */
const urlOf = (uri: string, { path, query }: Call): string =>
  `${isSigned(path) ? '' : uri}${path}${query ? `?${String(new URLSearchParams(query)).replaceAll('+', '%20')}` : ''}`;

const isSigned = (path: string): boolean => !path.startsWith('/');

function headersOf(
  options: MlflowOptions,
  { method, path, headers: own, body: given }: Call,
  url: string,
  body: string | Uint8Array,
): Record<string, string> {
  const type = given?.kind === 'json' ? 'application/json' : 'application/octet-stream';
  const headers = { ...(given === undefined ? {} : { 'content-type': type }), ...own };
  if (isSigned(path)) return headers;
  return options.sign?.({ method, url, headers, body }) ?? { ...authorization(options), ...headers };
}

function authorization({ token, username, password }: MlflowOptions): { authorization?: string } {
  if (token) return { authorization: `Bearer ${token}` };
  if (!username) return {};
  return { authorization: `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}` };
}

const encode = (body: Body): string | Uint8Array<ArrayBuffer> =>
  body.kind === 'json' ? JSON.stringify(body.value) : (body.value as Uint8Array<ArrayBuffer>);

const isPassing = (status: number): boolean => status === 429 || status >= 500;

function refusal(uri: string, call: Call, status: number, text: string): Error {
  if (isPassing(status)) return unavailable(uri, call, `it answered ${status}: ${excerpt(text)}`);
  const { error_code: code, message } = jsonOf(text) ?? {};
  if (typeof code !== 'string') return unavailable(uri, call, `it answered ${status}: ${excerpt(text)}`);
  return new MlflowError(
    status,
    code,
    `MLflow at ${uri} refused ${nameOf(call)} (${status} ${code}): ${message}`,
  );
}

function parse(uri: string, call: Call, status: number, text: string): unknown {
  const answer = jsonOf(text);
  if (answer !== undefined) return answer;
  throw unavailable(uri, call, `it answered ${status} with something other than JSON: ${excerpt(text)}`);
}

function jsonOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

function unavailable(uri: string, call: Call, reason: string, cause?: unknown): FanfareError {
  return new FanfareError('TrackerUnavailable', `MLflow at ${uri} failed ${nameOf(call)}: ${reason}`, {
    cause,
  });
}

/** A signed URL is a secret as a whole, so the message leaves it out. */
const nameOf = ({ method, path }: Call): string => `${method} ${isSigned(path) ? 'a signed URL' : path}`;

const excerpt = (text: string): string => text.replaceAll(/\s+/g, ' ').trim().slice(0, 200) || '(nothing)';

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'no answer in time';
  const code = error.cause instanceof Error && 'code' in error.cause ? ` (${error.cause.code})` : '';
  return `${error.message}${code}`;
}
