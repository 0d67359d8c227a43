import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, statfs, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeFolders } from '../../adapters/files/make-folders.ts';
import { GraphBuilder } from '../../core/onnx/graph.ts';
import { venv } from '../record.ts';
import type { Machine } from './machine.ts';

const programMs = 30_000;

export const thisMachine: Machine = {
  node: process.versions.node,
  venv,
  has: existsSync,
  say: async (program, args) => {
    const { stdout } = await promisify(execFile)(program, [...args], { timeout: programMs });
    return stdout;
  },
  tryFolder: async (folder) => {
    makeFolders(folder);
    const file = join(folder, `.doctor-${process.pid}`);
    await writeFile(file, 'x');
    await rm(file);
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
  tryPort: () =>
    new Promise((listening, failed) => {
      const server = createServer();
      server.once('error', failed);
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        server.close(() => listening(typeof address === 'object' ? (address?.port ?? 0) : 0));
      });
    }),
  tryOnnx: async () => {
    const { InferenceSession, Tensor } = await import('onnxruntime-node');
    const graph = new GraphBuilder();
    graph.output('y', 'float', graph.node('Neg', [graph.input('x', 'float')]));
    const session = await InferenceSession.create(graph.finish({ name: 'doctor', version: '1' }, new Map()));
    const { y } = await session.run({ x: new Tensor('float32', [2], [1]) });
    await session.release();
    if (y?.data[0] !== -2) throw new Error(`it says that the negative of 2 is ${y?.data[0]}`);
    const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as {
      version: string;
    };
    return version;
  },
};
