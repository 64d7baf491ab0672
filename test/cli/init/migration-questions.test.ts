import { expect, it } from 'vitest';
import { askMigrations, readLabels } from '../../../src/cli/init/migration-questions.ts';
import { person } from './person.ts';

const groupId = '5f7f5f5f5f5f5f5f5f5f5f5f';
const liveMigrationId = '7e68e12770616e75e6df43d0';

const noProblems = () => Promise.resolve([]);

it.each([
  ['the ids in the wrong order', [`{"_id":"${liveMigrationId}"}`, groupId]],
  ['a second question answered with both', [groupId, `${groupId}/${liveMigrationId}`]],
  ['a second question answered with the first', [groupId, `https://x/v2/${groupId}`, liveMigrationId]],
  ['nothing at first', ['', `${groupId}/${liveMigrationId}`]],
])('both ids are found from %s', async (_case, answers) => {
  const prompt = person(...answers, '', '', '');
  expect(await askMigrations(prompt, noProblems)).toEqual([{ groupId, liveMigrationId }]);
});

it('says first which migrations can be read', async () => {
  const prompt = person(`orders=${groupId}/${liveMigrationId}`, '', '');
  await askMigrations(prompt, noProblems);
  expect(prompt.shown.join('\n')).toMatch(
    /Only push .* \(pull\) has no API\. For mongosync, see mongosync-insights/,
  );
});

it('asks no name where it was given with the ids', async () => {
  const prompt = person(`orders=${groupId}/${liveMigrationId}`, 'team=a', '');
  expect(await askMigrations(prompt, noProblems)).toEqual([
    { name: 'orders', groupId, liveMigrationId, labels: { team: 'a' } },
  ]);
});

it.each([
  ['team=payments', { team: 'payments' }],
  [' a b = c=d , e=f,', { 'a b': 'c=d', e: 'f' }],
  ['team', undefined],
  ['=x', undefined],
  ['a=1, a=2', undefined],
  ['__proto__=x', undefined],
])('labels: %j', (text, labels) => {
  expect(readLabels(text)).toEqual(labels);
});
