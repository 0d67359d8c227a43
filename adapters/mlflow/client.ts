import { setTimeout as sleep } from 'node:timers/promises';
import pRetry, { AbortError } from 'p-retry';
import { FanfareError } from '../../core/errors.ts';
import { authorization, type Credentials, forbidden, unknownCaller } from './credentials.ts';
import { MlflowError, unknownPath } from './errors.ts';

export interface MlflowOptions extends Credentials {
  /** `http://host:port`, with or without a path; a name and password in it count as such. */
  readonly uri: string;
  /** Of a call that may be repeated, after no answer, 429 or 5xx. 4 if not given, with 0.2 to 2 s in between, or what the server asks for. */
  readonly retries?: number;
  /** Of one attempt; 30,000 if not given. */
  readonly timeoutMs?: number;
}

/** One call of MLflow's REST API. */
interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
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

export function connectMlflow(given: MlflowOptions): MlflowClient {
  const options = addressOf(given);
  const { uri } = options;
  const request = async <T>(call: Call, read: (response: Response) => Promise<T>): Promise<T> =>
    await pRetry(() => attempt(options, call, read), {
      retries: options.retries ?? 4,
      minTimeout: 200,
      maxTimeout: 2000,
      randomize: true,
      shouldRetry: ({ error }) => mayRepeat(call, error),
      onFailedAttempt: async ({ error, retriesLeft }) => {
        if (error instanceof Passing && retriesLeft > 0 && mayRepeat(call, error)) await sleep(error.waitMs);
      },
    });
  return {
    uri,
    json: (call) =>
      request(call, async (response) => parse(uri, call, response.status, await response.text())),
    bytes: (call) => request(call, async (response) => new Uint8Array(await response.arrayBuffer())),
  };
}

/** 429 or 5xx: the server may answer later. */
class Passing extends FanfareError {
  readonly status: number;
  readonly waitMs: number;
  constructor(message: string, status: number, waitMs: number) {
    super('TrackerUnavailable', message);
    this.status = status;
    this.waitMs = waitMs;
  }
}

/** Who answers 429 has done nothing: that may be said again, whatever it is. */
const mayRepeat = (call: Call, error: Error): boolean =>
  call.repeatable || (error instanceof Passing && error.status === 429);

const longestWait = 30_000;

/** What `Retry-After` asks for, in seconds or as a date, up to `longestWait`. */
function waitOf(header: string | null): number {
  if (header === null) return 0;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.min(longestWait, Math.max(0, ms)) : 0;
}

/** No message may quote a password, so none stays in the address. */
function addressOf(given: MlflowOptions): MlflowOptions {
  const url = URL.canParse(given.uri) ? new URL(given.uri) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new FanfareError(
      'InvalidSpec',
      `MLFLOW_TRACKING_URI is ${given.uri}: it must be the http:// or https:// address of an MLflow server`,
    );
  }
  const { username, password } = url;
  const uri = `${url.origin}${url.pathname}`.replace(/\/+$/, '');
  if (username === '') return { ...given, uri };
  return { ...given, uri, username: decodeURIComponent(username), password: decodeURIComponent(password) };
}

async function attempt<T>(
  options: MlflowOptions,
  call: Call,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  const { uri } = options;
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
    throw refusal(options, call, response, await response.text());
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

const encode = (body: Body): string | Uint8Array<ArrayBuffer> =>
  body.kind === 'json' ? JSON.stringify(body.value) : (body.value as Uint8Array<ArrayBuffer>);

function refusal(options: MlflowOptions, call: Call, { status, headers }: Response, text: string): Error {
  const { uri } = options;
  const failed = `MLflow at ${uri} failed ${nameOf(call)}: it answered ${status}`;
  if (status === 429 || status >= 500) {
    return new Passing(`${failed}: ${excerpt(text)}`, status, waitOf(headers.get('retry-after')));
  }
  const { error_code: code, message } = jsonOf(text) ?? {};
  if (typeof code === 'string') {
    const refused = `MLflow at ${uri} refused ${nameOf(call)} (${status} ${code}): ${message}`;
    return new AbortError(new MlflowError(status, code, refused));
  }
  // What a proxy in front of it or its plugin for users answers is no JSON.
  const why = isSigned(call.path) ? undefined : reasonOfRefusal(options, status, text);
  const said = `${failed}: ${excerpt(text)}${why === undefined ? '' : ` (${why})`}`;
  if (status === 404) return new AbortError(new MlflowError(status, unknownPath, said));
  return new AbortError(new FanfareError('TrackerUnavailable', said));
}

function reasonOfRefusal(options: MlflowOptions, status: number, text: string): string | undefined {
  if (status === 401) return unknownCaller(options);
  if (status === 403) return forbidden(options, new URL(options.uri).host, text);
  if (status === 404) return 'is that the address of an MLflow server, with its whole path?';
  return undefined;
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
