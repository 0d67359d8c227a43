import { expect, test } from 'vitest';
import { ProtoWriter } from '../../../core/onnx/protobuf.ts';

const hex = (writer: ProtoWriter): string => Buffer.from(writer.finish()).toString('hex');

// The examples of https://protobuf.dev/programming-guides/encoding.
test('encodes as the protobuf documentation shows', () => {
  expect(hex(new ProtoWriter().int(1, 150))).toBe('089601');
  expect(hex(new ProtoWriter().string(2, 'testing'))).toBe('120774657374696e67');
  expect(hex(new ProtoWriter().message(3, new ProtoWriter().int(1, 150)))).toBe('1a03089601');
  expect(hex(new ProtoWriter().ints(6, [3, 270, 86_942]))).toBe('3206038e029ea705');
  expect(hex(new ProtoWriter().int(1, -2))).toBe('08feffffffffffffffff01');
});

test('encodes numbers that do not fit 32 bits', () => {
  const expected = hex(new ProtoWriter().int(1, 2n ** 52n + 5n));
  expect(hex(new ProtoWriter().int(1, 2 ** 52 + 5))).toBe(expected);
  expect(hex(new ProtoWriter().int(1, -(2n ** 63n)))).toBe('0880808080808080808001');
});
