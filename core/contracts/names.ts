import * as z from 'zod';

/** A name a person gives: it becomes part of object keys, so it keeps within S3's plain characters. */
export const Name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'use 1 to 40 of a-z, 0-9 and -, beginning with a letter or digit');

/** `<name>-<12 hex digits of what it was made from>`: the same work has the same identity everywhere. */
export const Identity = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}-[0-9a-f]{12}$/);
export type Identity = z.infer<typeof Identity>;

/** A SHA-256 in hex. */
export const Digest = z.string().regex(/^[0-9a-f]{64}$/);
export type Digest = z.infer<typeof Digest>;

const code = /^(code:[0-9a-f]{64}|\.{0,2}\/.*\.(ts|mts|js|mjs))$/;
const codePaths = 'a path that begins with ./, ../ or / and ends in .ts, .mts, .js or .mjs';

/** User code: `code:<digest>` of a bundle in the store or, as a person writes it, a path beside the specification. */
export const CodeRef = z.string().regex(code, `name user code by ${codePaths}`);
export type CodeRef = z.infer<typeof CodeRef>;

/** The trainables of our own. */
export const builtIns = ['forest', 'gbdt', 'linear', 'mlp'] as const;
export type BuiltIn = (typeof builtIns)[number];

/** Trains nothing: it chooses among models that are there. */
const existing = 'onnx';

export const isBuiltIn = (trainable: string): boolean => [...builtIns, existing].includes(trainable);

/** A Lambda function, maybe of a version or an alias. */
export const lambdaArn =
  /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]+(:[A-Za-z0-9$_-]+)?$/;
/** A file in Python: `python:<digest>` in the store or, as a person writes it, a path beside the specification. */
const python = /^(python:[0-9a-f]{64}|\.{0,2}\/.*\.py)$/;

/** What a study trains: one of ours, or a module, a Lambda function or a Python file of the user's. */
export const TrainableRef = z
  .string()
  .regex(
    new RegExp(
      `^(${[...builtIns, existing].join('|')})$|${code.source}|${lambdaArn.source}|${python.source}`,
    ),
    `use ${builtIns.join(', ')} or ${existing}, or name your own by ${codePaths}, by such a path to a Python file (.py), or by the ARN of a Lambda function`,
  );

/** Counts from 0 within its study. */
export const TrialNumber = z.int().min(0);
export type TrialNumber = z.infer<typeof TrialNumber>;

/** What one invocation trains: a trial's way to a rung, on one of its folds where the study has them. */
export interface Leg {
  readonly trial: TrialNumber;
  readonly rung: number;
  readonly fold?: number;
}

/** That of a claim or an event, and nothing else of it. */
export const legOf = ({ trial, rung, fold }: Leg): Leg => ({
  ...{ trial, rung },
  ...(fold !== undefined && { fold }),
});

/** Milliseconds since 1970. */
export const Instant = z.int().min(0);

export const Scalar = z.union([z.string(), z.number(), z.boolean()], {
  error: 'use a text, a number, true or false',
});
export type Scalar = z.infer<typeof Scalar>;

/** The parameters of one trial. */
export const Params = z.record(z.string(), Scalar);

export const sides = ['train', 'validation', 'test'] as const;
export const Side = z.enum(sides);
export type Side = z.infer<typeof Side>;
