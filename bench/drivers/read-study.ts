// node dist/bench/read-study.mjs STORE STUDY: the study's trials as one line of JSON.
import { fileStore } from '../../adapters/files/file-store.ts';
import { readHistory, readStudy } from '../../core/search/study-folder.ts';
import { trialsOf } from '../../core/search/trials.ts';

const [folder = '', id = ''] = process.argv.slice(2);
const store = fileStore(folder);
const study = await readStudy(store, id);
process.stdout.write(`${JSON.stringify(trialsOf(study, await readHistory(store, id), true))}\n`);
