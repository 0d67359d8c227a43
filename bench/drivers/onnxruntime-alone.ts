// node dist/bench/onnxruntime-alone.mjs MODEL ROWS: ONNX Runtime on tensors that are there already, one thread, nothing read
// and nothing written. One line of JSON: the rows, and the seconds of the processor and of the clock that they took.
import { InferenceSession, Tensor } from 'onnxruntime-node';

const [model = '', asked = '0'] = process.argv.slice(2);
/** As many as we give it, of which it makes the most. */
const batchRows = 2048;
const width = 28;
/** More than the cache holds, as where they come from a file. */
const held = 128;

const session = await InferenceSession.create(model, {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  logSeverityLevel: 3,
});
const output = session.outputNames.at(-1)!;
const tensors = Array.from({ length: held }, (_, at) => {
  const values = Float32Array.from({ length: batchRows * width }, (_, i) => Math.sin(at * 7919 + i * i) * 2);
  return new Tensor('float32', values, [batchRows, width]);
});
for (const tensor of tensors) await session.run({ X: tensor }, [output]);

const batches = Math.ceil(Number(asked) / batchRows);
const cpu = process.cpuUsage();
const clock = performance.now();
for (let batch = 0; batch < batches; batch++) await session.run({ X: tensors[batch % held]! }, [output]);
const { user, system } = process.cpuUsage(cpu);
const spent = { cpu_s: (user + system) / 1e6, seconds: (performance.now() - clock) / 1000 };
process.stdout.write(`${JSON.stringify({ rows: batches * batchRows, ...spent })}\n`);
