import * as z from 'zod';
import { Instant } from './names.ts';
import { strict } from './written.ts';

const units = { s: 1, m: 60, h: 3600 } as const;

const duration = z
  .string()
  .regex(/^\d+(\.\d+)?[smh]$/, { error: 'write a time as 30s, 10m or 2h' })
  .refine((text) => secondsOf(text) > 0, { error: 'a study needs some time: write it as 30s, 10m or 2h' });

const secondsOf = (text: string): number =>
  Number(text.slice(0, -1)) * units[text.at(-1) as keyof typeof units];

/** What ends a study before it has had all of its trials. */
export const StopInput = strict({
  time: duration
    .optional()
    .describe(
      'It ran for so long (30s, 10m, 2h); what was begun is finished, time in which nothing ran does not count.',
    ),
  target: z.number().optional().describe('A trial is as good as this, by the metric that the study goes by.'),
  patience: z.int().min(1).optional().describe('So many trials in a row made the best no better.'),
  min_delta: z
    .number()
    .min(0)
    .optional()
    .describe('With patience: what is better by no more than this is no better.'),
  failures: z
    .int()
    .min(1)
    .optional()
    .describe('So many trials failed; where it is left out, the first ten all did.'),
}).superRefine(({ patience, min_delta }, check) => {
  if (min_delta !== undefined && patience === undefined)
    check.addIssue({
      code: 'custom',
      path: ['min_delta'],
      message: 'min_delta says what patience waits for: give patience too',
    });
});
export type StopInput = z.infer<typeof StopInput>;

/** As a study's budget has it. */
export const Stop = z.strictObject({
  seconds: z.number().exactOptional(),
  target: z.number().exactOptional(),
  patience: z.strictObject({ trials: z.int(), min_delta: z.number() }).exactOptional(),
  failures: z.int().exactOptional(),
});
export type Stop = z.infer<typeof Stop>;

export const stopFrom = ({ time, target, patience, min_delta = 0, failures }: StopInput): Stop => ({
  ...(time !== undefined && { seconds: secondsOf(time) }),
  ...(target !== undefined && { target }),
  ...(patience !== undefined && { patience: { trials: patience, min_delta } }),
  ...(failures !== undefined && { failures }),
});

/**
 * `stops/<budget>.json`: that nothing is begun any more by the budget of that number, and why. Written once, so that all lanes
 * agree, also those that saw something else.
 */
export const Stopped = z.strictObject({
  reason: z.enum(['time', 'target', 'patience', 'failures']),
  text: z.string(),
  at: Instant,
});
export type Stopped = z.infer<typeof Stopped>;
