/**
 * How long the built program takes from its start to its first line and its first request, without and with a compile
 * cache, beside an empty Node.js. Usage: npm run bench:start [-- --runs N]
 */
import { parseArgs } from 'node:util';
import { measureStarts, printStarts } from './start-times.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '21' } } });
printStarts(await measureStarts({ runs: Number(values.runs), remembered: 0 }));
