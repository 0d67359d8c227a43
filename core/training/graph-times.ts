import type { GraphBuilder } from '../onnx/graph.ts';
import { missingTime } from '../onnx/model.ts';
import type { DatePart } from './date-parts.ts';

/** Names of values: whether the time is missing; days since 1970-01-01; milliseconds of the day. */
export interface Time {
  readonly missing: string;
  readonly day: string;
  readonly millis: string;
}

/**
 * Of an int64 input of times. ONNX divides integers towards zero, but its Mod takes the divisor's sign: floor division is
 * (x − x mod y) / y.
 */
export function addTime(graph: GraphBuilder, column: string): Time {
  const dayMillis = graph.integer(86_400_000);
  const missing = graph.node('Equal', [column, graph.integer(missingTime)]);
  const time = graph.node('Where', [missing, graph.integer(0), column]);
  const millis = graph.node('Mod', [time, dayMillis]);
  const day = graph.node('Div', [graph.node('Sub', [time, millis]), dayMillis]);
  return { missing, day, millis };
}

/** The part as int64, that of 1970-01-01T00:00Z where the time is missing. */
export const addPart = (graph: GraphBuilder, { day, millis }: Time, part: DatePart): string =>
  partOf[part](integers(graph), day, millis);

const partOf: Readonly<Record<DatePart, (to: Integers, day: string, millis: string) => string>> = {
  month: (to, day) => monthOf(to, day),
  weekday: (to, day) => to.mod(to.add(day, 3), 7),
  minute: (to, _day, millis) => to.div(millis, 60_000),
};

/** As `month` in core/training/date-parts.ts: only the first step may meet a negative number. */
function monthOf(to: Integers, day: string): string {
  const dayOfEra = to.mod(to.add(day, 719_468), 146_097);
  const leaps = to.plus(
    to.minus(to.div(dayOfEra, 1460), to.div(dayOfEra, 36_524)),
    to.div(dayOfEra, 146_096),
  );
  const year = to.div(to.minus(dayOfEra, leaps), 365);
  const before = to.minus(to.plus(to.mul(year, 365), to.div(year, 4)), to.div(year, 100));
  const fromMarch = to.div(to.add(to.mul(to.minus(dayOfEra, before), 5), 2), 153);
  return to.add(to.mod(to.add(fromMarch, 2), 12), 1);
}

type Integers = ReturnType<typeof integers>;

/** int64 arithmetic on named values; the second operand is a constant but for `plus` and `minus`. */
function integers(graph: GraphBuilder) {
  const withConstant = (operator: string) => (value: string, by: number) =>
    graph.node(operator, [value, graph.integer(by)]);
  return {
    add: withConstant('Add'),
    mul: withConstant('Mul'),
    div: withConstant('Div'),
    mod: withConstant('Mod'),
    plus: (a: string, b: string) => graph.node('Add', [a, b]),
    minus: (a: string, b: string) => graph.node('Sub', [a, b]),
  };
}
