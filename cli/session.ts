import { Command, Option } from 'commander';
import { type Fanfare, openFanfare } from '../library/fanfare.ts';
import { codeOf, Interrupted } from './output/failure.ts';
import { silentProgress, viewProgress } from './output/progress.ts';

export interface Options {
  readonly home: string;
  readonly json?: true;
  readonly quiet?: true;
  readonly mlflow: boolean;
  readonly engine: 'local' | 'aws';
  readonly stack: string;
}

export const home = process.env.FANFARE_HOME ?? '.fanfare';

/** A command with what all of them take. */
export const plainCommand = (name: string, description: string): Command =>
  new Command(name)
    .description(description)
    .option('--json', 'print one JSON document on stdout, an error too; progress on stderr')
    .option('-q, --quiet', 'tell no progress: only the result, or the error');

/** A command that works in a folder of this machine. */
export const localCommand = (name: string, description: string): Command =>
  plainCommand(name, description)
    .option('--home <folder>', 'where objects and the MLflow database are kept', home)
    .option('--no-mlflow', 'start no MLflow server: keep the record and send it later with fanfare sync');

/** A command with the options that all jobs have, and a choice of where it works. */
export const command = (name: string, description: string): Command =>
  localCommand(name, description)
    .addOption(
      new Option('--engine <where>', 'this machine, or a stack on AWS (AWS_REGION, AWS_PROFILE …)')
        .choices(['local', 'aws'])
        .default('local')
        .env('FANFARE_ENGINE'),
    )
    .addOption(
      new Option('--stack <name>', 'the stack that npm run deploy made')
        .default('Fanfare')
        .env('FANFARE_STACK'),
    );

/** Opens the folder or the stack, shows progress on stderr, and closes it whatever happens. A signal ends what runs. */
export async function withFanfare(
  options: Options,
  work: (fanfare: Fanfare) => Promise<void>,
): Promise<void> {
  const view = options.quiet ? silentProgress() : viewProgress(process.stderr);
  const interrupt = new AbortController();
  // A listener that stays: where the live line's own is the last one left, it ends the process at once.
  const onSignal = (signal: NodeJS.Signals) => {
    if (interrupt.signal.aborted) process.exit(codeOf(signal));
    interrupt.abort(new Interrupted(signal, view.job && `npx fanfare resume ${view.job}${placeOf(options)}`));
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  let fanfare: Fanfare | undefined;
  try {
    fanfare = await openFanfare({ ...options, onProgress: view.show, signal: interrupt.signal });
    await work(fanfare);
  } finally {
    view.end();
    await fanfare?.close();
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

/** The options that another command needs to work in the same place: ` --home elsewhere`. */
export function placeOf(
  options: Pick<Options, 'home' | 'engine' | 'stack'> & { readonly mlflow?: boolean },
): string {
  const given =
    options.engine === 'aws'
      ? ['--engine', 'aws', ...(options.stack === 'Fanfare' ? [] : ['--stack', options.stack])]
      : [...(options.home === home ? [] : ['--home', options.home])];
  const plain = options.engine === 'local' && options.mlflow === false ? ['--no-mlflow'] : [];
  return [...given, ...plain].map((word) => ` ${quoted(word)}`).join('');
}

/** As a shell is to read it. */
const quoted = (word: string): string =>
  /^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
