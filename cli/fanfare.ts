#!/usr/bin/env node
import { root } from '../library/root.ts';
import { startAhead } from '../local/function-processes.ts';

const given = process.argv.slice(2);
const isHere = process.env.FANFARE_ENGINE !== 'aws' && !given.some((word) => /^(--engine=)?aws$/.test(word));
// What plans a prediction takes as long to start as the command takes to be loaded.
const processes = given[0] === 'predict' && isHere ? startAhead(root, 'predict') : undefined;
const { main } = await import('./main.ts');
await main(given);
await processes?.close();
