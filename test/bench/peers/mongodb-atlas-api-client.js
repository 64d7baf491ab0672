// It knows no live migrations: this is the function by which it makes all of its requests.
import HttpClient from 'mongodb-atlas-api-client/src/httpClient.js';
import urllib from 'urllib';
import { answerBench } from '../peer-loop.ts';

const [, , address] = process.argv;
const [publicKey, privateKey] = process.env.BENCH_KEY.split(':');
const client = new HttpClient(urllib, publicKey, privateKey);

await answerBench(async () => {
  const data = await client.fetch(address, {});
  if (typeof data.status !== 'string') throw new Error(JSON.stringify(data));
});
