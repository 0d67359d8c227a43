import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { keys } from '../../core/contracts/keys.ts';
import { FanfareError } from '../../core/errors.ts';
import type { TrainableCalls } from '../../core/trainables/lambda/calls.ts';
import { failureText } from '../lambda/failure-text.ts';

/**
 * Python files of a folder of objects, called as Lambda would: one process a file, kept for the next call, one call at a
 * time, gone with this process. FANFARE_PYTHON names the interpreter that has what they import (`python3` otherwise),
 * FANFARE_PYTHON_LIBRARY the file `fanfare_trainable.py`.
 */
export function pythonCalls(folder: string, env: NodeJS.ProcessEnv): TrainableCalls {
  const serving = new Map<string, Served>();
  return {
    uri: (key) => pathToFileURL(join(folder, key)).href,
    call: async (reference, request) => {
      if (!reference.startsWith('python:')) throw needsBucket(reference);
      const served = serving.get(reference) ?? serve(fileOf(folder, reference), shortOf(reference), env);
      serving.set(reference, served);
      const said = await served.ask(request).catch((error: unknown) => {
        serving.delete(reference);
        throw error;
      });
      if ('answer' in said) return said.answer;
      throw new FanfareError('TrainableFailed', `${shortOf(reference)}: ${failureText(said)}`);
    },
  };
}

const fileOf = (folder: string, reference: string): string =>
  join(folder, keys.python(reference.slice('python:'.length)));

/** Enough of the digest to tell it by. */
const shortOf = (reference: string): string => reference.slice(0, 'python:'.length + 12);

const needsBucket = (reference: string): FanfareError =>
  new FanfareError(
    'InvalidSpec',
    `tune.trainable ${reference}: a Lambda function reads from S3: run it with --engine aws, or name a Python file to run on this machine`,
  );

interface Served {
  ask(request: object): Promise<object>;
}

function serve(file: string, name: string, env: NodeJS.ProcessEnv): Served {
  const python = env.FANFARE_PYTHON ?? 'python3';
  const child = spawn(python, [env.FANFARE_PYTHON_LIBRARY ?? '', file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const died = deathOf(child, python, name);
  // Nobody may be asking when it dies.
  died.catch(() => undefined);
  child.stdin.on('error', () => undefined);
  return {
    ask: async (request) => {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const { value, done } = await Promise.race([lines.next(), died]);
      return done ? died : (JSON.parse(value) as object);
    },
  };
}

function deathOf(
  child: ChildProcessByStdio<Writable, Readable, null>,
  python: string,
  name: string,
): Promise<never> {
  return new Promise((_, reject) => {
    child.once('error', (cause) => {
      const how = 'FANFARE_PYTHON names an interpreter that has what the trainable imports';
      reject(
        new FanfareError('InvalidSpec', `${name}: ${python} does not run: ${cause.message}; ${how}`, {
          cause,
        }),
      );
    });
    child.once('exit', (code, signal) =>
      reject(
        new FanfareError('TrainableFailed', `${name}: its process ended by ${signal ?? `exit code ${code}`}`),
      ),
    );
  });
}
