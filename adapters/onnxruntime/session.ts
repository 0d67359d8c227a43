import { InferenceSession, type Tensor } from 'onnxruntime-node';
import { FanfareError } from '../../core/errors.ts';

/** A graph in ONNX Runtime. */
export interface Session {
  readonly inputs: readonly string[];
  /** `feed` gives the tensor of an input; the answer holds what was wanted. */
  run(feed: (input: string) => Tensor, wanted: readonly string[]): Promise<Readonly<Record<string, Tensor>>>;
  release(): Promise<void>;
}

/** `BadModel` if the bytes are no model that it takes. */
export async function openSession(bytes: Uint8Array, threads: number): Promise<Session> {
  const session = await create(bytes, threads);
  return {
    inputs: session.inputNames,
    run: async (feed, wanted) => {
      const feeds = Object.fromEntries(session.inputNames.map((name) => [name, feed(name)]));
      return (await session.run(feeds, [...wanted])) as Record<string, Tensor>;
    },
    release: () => session.release(),
  };
}

async function create(bytes: Uint8Array, threads: number): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(bytes, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FanfareError(
      'BadModel',
      `ONNX Runtime cannot load the model of ${bytes.length} bytes: ${reason}`,
      { cause },
    );
  }
}
