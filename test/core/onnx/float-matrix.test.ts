import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NumberColumn } from '../../../core/onnx/fill.ts';
import { FloatMatrix } from '../../../core/onnx/float-matrix.ts';
import { floatRoom, roomOf } from '../../../core/tables/float-room.ts';

describe('a matrix of floats', () => {
  it('has the columns of every type beside each other, NaN where a value is missing', () => {
    const columns: NumberColumn[] = [
      { type: 'float', values: Float64Array.of(0.1, Number.NaN, 1e300), valid: Uint8Array.of(1, 0, 1) },
      { type: 'integer', values: BigInt64Array.of(-7n, 0n, 16_777_216n), valid: Uint8Array.of(1, 0, 1) },
      { type: 'float', values: Float32Array.of(-0, 2.5, -Infinity), valid: null },
      { type: 'boolean', values: Uint8Array.of(1, 0, 0), valid: null },
      { type: 'timestamp', values: Float64Array.of(1000, 0, 3), valid: Uint8Array.of(1, 0, 1) },
    ];
    expect([...new FloatMatrix(5, 16).fill(columns, 0, 3)]).toEqual([
      ...[Math.fround(0.1), -7, -0, 1, 1000],
      ...[Number.NaN, Number.NaN, 2.5, 0, Number.NaN],
      ...[Infinity, 16_777_216, -Infinity, 0, 3],
    ]);
  });

  it('has the rows that are asked for, as many columns and rows as there may be', () => {
    const shapes = fc.record({
      width: fc.integer({ min: 1, max: 13 }),
      start: fc.integer({ min: 0, max: 9 }),
      rows: fc.integer({ min: 0, max: 1100 }),
      doubles: fc.array(fc.boolean(), { minLength: 13, maxLength: 13 }),
    });
    fc.assert(
      fc.property(shapes, ({ width, start, rows, doubles }) => {
        const matrix = new FloatMatrix(width, 1100);
        // No two cells have the same value, and none is exact in single precision.
        const cell = (row: number, k: number) => row * 13 + k + 1 / 3;
        const columns = Array.from({ length: width }, (_, k): NumberColumn => {
          const values = Array.from({ length: start + rows }, (_, row) => cell(row, k));
          return {
            type: 'float',
            values: doubles[k] ? Float64Array.from(values) : Float32Array.from(values),
            valid: null,
          };
        });
        matrix.fill(columns, 0, start);
        const expected = Float32Array.from({ length: rows * width }, (_, at) =>
          cell(start + Math.floor(at / width), at % width),
        );
        expect(matrix.fill(columns, start, start + rows)).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('is made where columns of single precision lie in one room, and as ever where one does not', () => {
    const rows = 101;
    const cell = (row: number, k: number) => row * 8 + k + 0.25;
    const room = floatRoom(12 * 5 * (rows + 64));
    const other = floatRoom(12 * 5 * (rows + 64));
    const take = (from: typeof room, type: 'FLOAT' | 'DOUBLE', k: number): NumberColumn => {
      const values = from.take(type, rows)!;
      for (let row = 0; row < rows; row++) values[row] = cell(row, k);
      return { type: 'float', values, valid: null };
    };
    const singles = [0, 1, 2, 3, 4].map((k) => take(room, 'FLOAT', k));
    const mixed: readonly (readonly NumberColumn[])[] = [
      singles,
      [...singles.slice(0, 4), take(other, 'FLOAT', 4)],
      [...singles.slice(0, 4), take(other, 'DOUBLE', 4)],
    ];
    const matrix = new FloatMatrix(5, rows);
    const made = mixed.map((columns) => {
      const filled = matrix.fill(columns, 3, 101);
      expect([...filled]).toEqual(
        Array.from({ length: 98 * 5 }, (_, at) => cell(3 + Math.floor(at / 5), at % 5)),
      );
      return roomOf(filled.buffer);
    });
    expect(made).toEqual([room, undefined, undefined]);
    // The columns are as they were.
    for (const [k, { values }] of singles.entries())
      expect([...values]).toEqual(Array.from({ length: rows }, (_, row) => cell(row, k)));
  });

  it('is made elsewhere where the room has no place behind its columns', () => {
    const room = floatRoom(2 * 4 * 8192);
    const columns = [0, 1].map((): NumberColumn => {
      const values = room.take('FLOAT', 8192)!.fill(7);
      return { type: 'float', values, valid: null };
    });
    expect(room.take('FLOAT', 1)).toBeUndefined();
    const filled = new FloatMatrix(2, 16).fill(columns, 8187, 8192);
    expect(roomOf(filled.buffer)).toBeUndefined();
    expect([...filled]).toEqual(Array(10).fill(7));
  });
});
