import fc from 'fast-check';
import { expect, test } from 'vitest';
import { floatRoom, hasNaN } from '../../../core/tables/float-room.ts';

test('a not-a-number is found wherever it is, and nothing else is taken for one', () => {
  const shapes = fc.record({
    isSingle: fc.boolean(),
    at: fc.nat({ max: 40 }),
    count: fc.nat({ max: 200 }),
    value: fc.constantFrom(0, -0, 1.5, Infinity, -Infinity, 1e-40),
    place: fc.nat({ max: 260 }),
  });
  fc.assert(
    fc.property(shapes, ({ isSingle, at, count, value, place }) => {
      const room = floatRoom(65_536);
      const values = room.take(isSingle ? 'FLOAT' : 'DOUBLE', 261)!;
      for (const array of [values, isSingle ? new Float32Array(261) : new Float64Array(261)]) {
        array.fill(value);
        array[place] = Number.NaN;
        expect(hasNaN(array, at, count)).toBe(place >= at && place < at + count);
        array[place] = value;
        expect(hasNaN(array, at, count)).toBe(false);
      }
      room.release();
    }),
  );
});

test('a room is used again once it is released, and its arrays share nothing', () => {
  const room = floatRoom(65_536);
  const [one, two] = [room.take('FLOAT', 7)!, room.take('DOUBLE', 9)!];
  one.fill(1);
  two.fill(2);
  expect([...one, ...two]).toEqual([...Array(7).fill(1), ...Array(9).fill(2)]);
  expect(room.take('DOUBLE', 8192)).toBeUndefined();
  expect(floatRoom(65_536)).not.toBe(room);
  room.release();
  expect(floatRoom(60_000)).toBe(room);
});
