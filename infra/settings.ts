import { closest } from 'fastest-levenshtein';
import * as z from 'zod';
import { functions } from '../core/contracts/functions.ts';
import { lambdaArn } from '../core/contracts/names.ts';
import { Binding } from '../core/contracts/uploads.ts';

/** Days that CloudWatch Logs can keep a log. */
const logDays = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653] as const;

const Mlflow = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({ kind: z.literal('uri'), trackingUri: z.url({ protocol: /^https?$/ }) }),
  z.strictObject({
    kind: z.literal('secret'),
    secretArn: z.string().regex(/^arn:[^:]+:secretsmanager:/, "use a secret's whole ARN"),
  }),
  z.strictObject({ kind: z.literal('fargate') }),
]);

/** An existing network, for an MLflow that is reached there alone. Its subnets must reach S3 and Secrets Manager. */
const Vpc = z.strictObject({
  vpcId: z.string().regex(/^vpc-/),
  subnetIds: z.array(z.string().regex(/^subnet-/)).min(1),
  securityGroupIds: z.array(z.string().regex(/^sg-/)).min(1),
});

/** Settings of a deployment: the key `fanfare` in cdk.json, or `-c fanfare.<setting>=<value>` (JSON, or text). */
export const Settings = z.strictObject({
  stackName: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,99}$/, 'use 1 to 100 letters, digits and -')
    .default('Fanfare'),
  /** arm64 costs a fifth less; ONNX Runtime ran there safely only from 1.26 on. */
  architecture: z.enum(['x86_64', 'arm64']).default('x86_64'),
  mlflow: z
    .preprocess((given) => (typeof given === 'string' ? { kind: given } : given), Mlflow)
    .default({ kind: 'none' }),
  vpc: Vpc.optional(),
  /** Which tables are predicted with which model as they are uploaded. */
  bindings: z.array(Binding).default([]),
  /** Tables outside of this bucket that specifications may name. */
  tables: z
    .array(z.string().regex(/^s3:\/\/[a-z0-9.-]+\/(.*\/)?$/, 'use s3://bucket/ or s3://bucket/prefix/'))
    .default([]),
  /** Lambda functions of yours that studies may name as their trainable. */
  trainables: z
    .array(z.string().regex(lambdaArn, "use a function's whole ARN, arn:aws:lambda:…:function:name"))
    .default([]),
  /** Gets a mail, once confirmed, when something is wrong. */
  alarmEmail: z.email().optional(),
  logRetentionDays: z
    .int()
    .refine((days) => (logDays as readonly number[]).includes(days), `use one of ${logDays.join(', ')}`)
    .default(90),
  /** Whether the data outlive the stack. */
  removalPolicy: z.enum(['retain', 'destroy']).default('retain'),
  /** EXPRESS for shards that surely end within 5 minutes: starts ten times as many a second, costs less. */
  shardExecutionType: z.enum(['STANDARD', 'EXPRESS']).default('STANDARD'),
  /** MiB by function, in place of what `core/contracts/functions.ts` says. */
  memoryMiB: z
    .partialRecord(z.enum(Object.keys(functions) as [string, ...string[]]), z.int().min(128).max(10_240))
    .default({}),
});
export type Settings = z.infer<typeof Settings>;

/** The settings within CDK's context. Every mistake is named at once, with what is allowed. */
export function readSettings(context: Readonly<Record<string, unknown>>): Settings {
  const base = parsedText(context.fanfare ?? {});
  const single = Object.entries(context)
    .filter(([key]) => key.startsWith('fanfare.'))
    .map(([key, value]) => [key.slice('fanfare.'.length), parsedText(value)] as const);
  if (typeof base !== 'object' || base === null || Array.isArray(base)) {
    throw new Error(
      `cdk.json, context.fanfare: give an object of settings (given: ${JSON.stringify(base)}; allowed: ${known.join(', ')})`,
    );
  }
  const parsed = Settings.safeParse({ ...base, ...Object.fromEntries(single) });
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.flatMap(mistakesOf);
  throw new Error(`these settings cannot be meant (cdk.json or -c):\n  ${mistakes.join('\n  ')}`);
}

const known = Object.keys(Settings.shape);

/** `-c` gives text: JSON where it is some, itself otherwise. */
function parsedText(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function mistakesOf(issue: z.core.$ZodIssue): string[] {
  const where = ['fanfare', ...issue.path].join('.');
  if (issue.code !== 'unrecognized_keys') return [`${where}: ${issue.message}`];
  const allowed =
    issue.path[0] === 'memoryMiB' ? Object.keys(functions) : issue.path.length === 0 ? known : [];
  return issue.keys.map((key) =>
    allowed.length === 0
      ? `${where}.${key} is no setting`
      : `${where}.${key} is no setting; did you mean ${closest(key, allowed)}? (allowed: ${allowed.join(', ')})`,
  );
}
