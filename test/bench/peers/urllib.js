import { request } from 'urllib';
import { answerBench } from '../peer-loop.ts';

const [, , address] = process.argv;

await answerBench(async () => {
  const { data, status } = await request(address, { digestAuth: process.env.BENCH_KEY, dataType: 'json' });
  if (typeof data.status !== 'string') throw new Error(`HTTP ${status}`);
});
