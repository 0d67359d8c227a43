import type { Sign } from './sagemaker.ts';

/** Who we are to a server: at most one of a token, a name with its password, and a signature. */
export interface Credentials {
  readonly token?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Signs each request to the server, in place of a token or a password. */
  readonly sign?: Sign;
  /** Where they come from, where it is not the environment: `the secret arn:…`. */
  readonly from?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The server that MLFLOW_TRACKING_URI names, and who we are to it by MLflow's own variables; undefined: none is named. */
export function mlflowOptions(env: Environment): ({ readonly uri: string } & Credentials) | undefined {
  const uri = env.MLFLOW_TRACKING_URI;
  if (uri === undefined || uri === '') return undefined;
  return {
    uri,
    token: env.MLFLOW_TRACKING_TOKEN,
    username: env.MLFLOW_TRACKING_USERNAME,
    password: env.MLFLOW_TRACKING_PASSWORD,
  };
}

/** A name and password before a token, as MLflow's own client has it. */
export function authorization({ token, username, password }: Credentials): { authorization?: string } {
  if (username && password) {
    return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
  }
  return token ? { authorization: `Bearer ${token}` } : {};
}

/** Why a server answered 401, and what to do: it does not know who asks. */
export function unknownCaller(given: Credentials): string {
  const { token, username, password, sign, from } = given;
  if (sign) return 'it does not take the signature: do the region and the role belong to this server?';
  if (from !== undefined) {
    const held = username ? `the password of ${username}` : token ? 'the token' : 'no name and no token';
    return username || token
      ? `it does not take ${held} in ${from}`
      : `it asks who we are, and ${from} holds ${held}`;
  }
  if (username && !password) return 'MLFLOW_TRACKING_USERNAME is set and MLFLOW_TRACKING_PASSWORD is not';
  if (username) return `it does not take MLFLOW_TRACKING_PASSWORD for the user ${username}`;
  if (password) return 'MLFLOW_TRACKING_PASSWORD is set and MLFLOW_TRACKING_USERNAME is not';
  if (token) return 'it does not take MLFLOW_TRACKING_TOKEN';
  return 'it asks who we are: set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN';
}

/** Why a server answered 403: by its own words, MLflow from 3.5 on tells a host that it was not started for from a user without the right. */
export function forbidden(given: Credentials, host: string, text: string): string {
  if (/Invalid Host header/i.test(text)) {
    return `it was not started for the host ${host}: start it with --allowed-hosts ${host.replace(/:\d+$/, '')},${host}`;
  }
  const who =
    given.username && given.password ? `the user ${given.username}` : 'whoever the credentials are of';
  return `it knows who asks and refuses: ${who} lacks the permission (EDIT of the experiment and of the registered model)`;
}
