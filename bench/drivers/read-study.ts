// node dist/bench/read-study.mjs STORE STUDY: the study's trials as one line of JSON.
import { fileStore } from '../../adapters/files/file-store.ts';
import { keys } from '../../core/contracts/keys.ts';
import { Study } from '../../core/contracts/study.ts';
import { readHistory } from '../../core/search/study-folder.ts';
import { trialsOf } from '../../core/search/trials.ts';
import { readObject } from '../../core/steps/objects.ts';

const [folder = '', id = ''] = process.argv.slice(2);
const store = fileStore(folder);
const study = await readObject(store, keys.studyRecord(id), Study);
process.stdout.write(`${JSON.stringify(trialsOf(study, await readHistory(store, id), true))}\n`);
