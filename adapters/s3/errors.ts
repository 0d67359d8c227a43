/** What an error of the SDK carries, as far as anyone here asks. */
interface Answer {
  readonly name?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
}

const answerOf = (error: unknown): Answer => (typeof error === 'object' && error !== null ? error : {});

export const statusOf = (error: unknown): number | undefined => answerOf(error).$metadata?.httpStatusCode;

/** How often the SDK sent the request. */
export const attemptsOf = (error: unknown): number => answerOf(error).$metadata?.attempts ?? 1;

/** A missing bucket is no missing object, but HEAD has no body that tells them apart: there it counts as one. */
export const isMissing = (error: unknown): boolean =>
  statusOf(error) === 404 && answerOf(error).name !== 'NoSuchBucket';

/** 412: a condition was not met. */
export const isRefused = (error: unknown): boolean => statusOf(error) === 412;

/** 409 ConditionalRequestConflict: another write of the same key was under way; S3 asks for the whole write again. */
export const isConflict = (error: unknown): boolean => statusOf(error) === 409;
