// node dist/bench/write-study.mjs STORE TRIALS: writes a study of ten parameters and up to twenty points a trial, and tells its id.
import { fileStore } from '../../adapters/files/file-store.ts';
import { exampleStudy, writeExample } from '../../test/support/example-study.ts';

const [folder = '', trials = ''] = process.argv.slice(2);
const example = exampleStudy(Number(trials));
await writeExample(fileStore(folder), example);
process.stdout.write(example.study.study);
