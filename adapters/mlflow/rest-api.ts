import type { z } from 'zod';
import { FanfareError } from '../../core/errors.ts';
import type { MlflowClient } from './client.ts';
import { orMissing } from './errors.ts';

type Query = Readonly<Record<string, string>>;

/** `/api/2.0/mlflow/<path>`, with the answer checked. `TrackerUnavailable` where it is not what MLflow 3 answers. */
export interface RestApi {
  get<T>(answer: z.ZodType<T>, path: string, query: Query): Promise<T>;
  /** For a search, or for setting something to what it may be already: repeated where there is no answer. */
  post<T>(answer: z.ZodType<T>, path: string, body: unknown): Promise<T>;
  patch<T>(answer: z.ZodType<T>, path: string, body: unknown): Promise<T>;
  /** No error where it is gone already. */
  remove(path: string, body: unknown): Promise<void>;
  /** For what would be there twice: done at most once. */
  create<T>(answer: z.ZodType<T>, path: string, body: unknown): Promise<T>;
}

export function restApi(client: MlflowClient): RestApi {
  const json = (value: unknown) => ({ kind: 'json', value }) as const;
  const at = (path: string) => `/api/2.0/mlflow/${path}`;
  const check = async <T>(answer: z.ZodType<T>, path: string, given: Promise<unknown>): Promise<T> => {
    const parsed = answer.safeParse(await given);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw new FanfareError(
      'TrackerUnavailable',
      `MLflow at ${client.uri} answered ${path} with something unknown to us: ${issue?.path.join('.')}: ${issue?.message}`,
      { cause: parsed.error },
    );
  };
  return {
    get: (answer, path, query) =>
      check(answer, path, client.json({ method: 'GET', path: at(path), query, repeatable: true })),
    post: (answer, path, body) =>
      check(
        answer,
        path,
        client.json({ method: 'POST', path: at(path), body: json(body), repeatable: true }),
      ),
    patch: (answer, path, body) =>
      check(
        answer,
        path,
        client.json({ method: 'PATCH', path: at(path), body: json(body), repeatable: true }),
      ),
    remove: async (path, body) => {
      const call = { method: 'DELETE', path: at(path), body: json(body), repeatable: true } as const;
      await orMissing(client.json(call));
    },
    create: (answer, path, body) =>
      check(
        answer,
        path,
        client.json({ method: 'POST', path: at(path), body: json(body), repeatable: false }),
      ),
  };
}

/** All pages of a search, joined. */
export async function everyPage<T>(
  page: (token: string | undefined) => Promise<{ items: readonly T[]; next: string | undefined }>,
): Promise<T[]> {
  const all: T[] = [];
  let token: string | undefined;
  do {
    const { items, next } = await page(token);
    all.push(...items);
    token = next === '' ? undefined : next;
  } while (token !== undefined);
  return all;
}
