// Another process that uses a store in a folder: FOLDER KIND NAME, where KIND is `absent`, `count` or `large`.
import { fileStore } from '../../../adapters/files/file-store.ts';

const [folder = '', kind = '', name = ''] = process.argv.slice(2);
const store = fileStore(folder);
const encoder = new TextEncoder();

if (kind === 'absent') {
  // All wait for the same moment.
  while (!(await store.head('go'))) await new Promise((resolve) => setTimeout(resolve, 1));
  console.log(await store.put('claims/one', encoder.encode(name), { kind: 'absent' }));
} else if (kind === 'large') {
  const large = encoder.encode(name.repeat(8 * 2 ** 20));
  const outcome = store.put('large', large, { kind: 'absent' });
  console.log(await outcome.catch((error: Error) => `${error.name}: ${error.message}`));
  console.log(await store.put('small', encoder.encode(name), { kind: 'absent' }));
} else {
  for (let added = 0; added < 20; ) {
    const found = await store.get('counter');
    const count = Number(new TextDecoder().decode(found?.body)) + 1;
    const condition = { kind: 'match', etag: found?.etag ?? '' } as const;
    if ((await store.put('counter', encoder.encode(String(count)), condition)) === 'written') added += 1;
  }
}
