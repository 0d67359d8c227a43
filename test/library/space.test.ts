import { expect, expectTypeOf, test } from 'vitest';
import { readSpec } from '../../core/spec/read.ts';
import { choice, defineSpace, float, int, type SpecInput, type TrialParams } from '../../library/index.ts';

/** tsc holds the types, and the values are compared with what YAML says. */

const space = defineSpace({
  rate: float(0.01, 0.5, { log: true }),
  leaves: int(7, 255),
  share: float(0.5, 1, { step: 0.1 }),
  booster: choice(['trees', 'dart', 'linear']),
  size: choice(['s', 'm'], { ordered: true }),
  depth: choice(['auto', 3]),
  drop: float(0, 1, { when: { booster: 'dart' } }),
  skip: int(1, 3, { when: { booster: ['dart', 'trees'], deep: true } }),
  mode: choice(['a', 'b'], { when: { drop: 1 } }),
  deep: [true, false],
  verbose: false,
  seed: 3,
});

test('a space that is built is what YAML says', () => {
  const spec = (written: string) =>
    readSpec(`{ name: a, table: a.csv, target: late, tune: { space: ${written} } }`, 'a.yaml').tune.space;
  expect(spec(JSON.stringify(space))).toEqual(
    spec(`{
      rate: { low: 0.01, high: 0.5, log: true },
      leaves: { low: 7, high: 255, integer: true },
      share: { low: 0.5, high: 1, step: 0.1 },
      booster: [trees, dart, linear],
      size: { options: [s, m], ordered: true },
      depth: [auto, 3],
      drop: { low: 0, high: 1, when: { booster: dart } },
      skip: { low: 1, high: 3, integer: true, when: { booster: [dart, trees], deep: true } },
      mode: { options: [a, b], when: { drop: 1 } },
      deep: [true, false],
      verbose: false,
      seed: 3,
    }`),
  );
});

test('may be the space of a specification', () => {
  const spec = { name: 'a', table: 'a.csv', target: 'late', tune: { space } } satisfies SpecInput;
  expectTypeOf(spec).toExtend<SpecInput>();
});

test('tells the parameters of a trial: choices by their options, conditional ones maybe not there', () => {
  expectTypeOf<TrialParams<typeof space>>().toEqualTypeOf<{
    readonly rate: number;
    readonly leaves: number;
    readonly share: number;
    readonly booster: 'trees' | 'dart' | 'linear';
    readonly size: 's' | 'm';
    readonly depth: 'auto' | 3;
    readonly deep: boolean;
    readonly verbose: false;
    readonly seed: 3;
    readonly drop?: number;
    readonly skip?: number;
    readonly mode?: 'a' | 'b';
  }>();
});

test('what cannot be meant is refused by the compiler', () => {
  // @ts-expect-error no such parameter
  defineSpace({ booster: ['trees', 'dart'], drop: float(0, 1, { when: { boost: 'dart' } }) });
  // @ts-expect-error no such option
  defineSpace({ booster: ['trees', 'dart'], drop: float(0, 1, { when: { booster: 'drat' } }) });
  // @ts-expect-error no such option in the list
  defineSpace({ booster: choice(['trees', 'dart']), drop: int(0, 1, { when: { booster: ['dart', 'x'] } }) });
  // @ts-expect-error a number is no text
  defineSpace({ leaves: int(1, 3), drop: float(0, 1, { when: { leaves: 'many' } }) });
  // @ts-expect-error no such setting
  float(0, 1, { logarithmic: true });
  // @ts-expect-error an axis has an end
  defineSpace({ rate: { low: 0 } });
});
