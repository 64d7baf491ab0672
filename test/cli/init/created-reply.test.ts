import { expect, test } from 'vitest';
import { readCreated } from '../../../src/cli/init/created-reply.ts';

const groupId = '5f7f5f5f5f5f5f5f5f5f5f5f';
const liveMigrationId = '7e68e12770616e75e6df43d0';
const href = `https://cloud.mongodb.com/api/atlas/v1.0/groups/${groupId}/liveMigrations/${liveMigrationId}`;

test.each([
  {
    rule: 'the reply of Atlas has the migration, but not always the project',
    reply: {
      _id: liveMigrationId,
      lagTimeSeconds: null,
      migrationHosts: [],
      readyForCutover: false,
      status: 'NEW',
    },
    ids: [{ groupId: undefined, liveMigrationId }],
  },
  { rule: 'a link has both', reply: { links: [{ rel: 'self', href }] }, ids: [{ groupId, liveMigrationId }] },
  {
    rule: 'the destination has the project',
    reply: { _id: liveMigrationId, destination: { groupId, clusterName: 'x' } },
    ids: [{ groupId, liveMigrationId }],
  },
  {
    rule: 'a list has several',
    reply: [
      { _id: liveMigrationId, groupId },
      { liveMigrationId, projectId: groupId },
    ],
    ids: [
      { groupId, liveMigrationId },
      { groupId, liveMigrationId },
    ],
  },
])('$rule', ({ reply, ids }) => {
  expect(readCreated(JSON.stringify(reply))).toEqual(ids);
});

test.each([
  { text: ' \n', problem: /empty/ },
  { text: 'HTTP/1.1 201 Created\n\n{}', problem: /not JSON/ },
  { text: '{"error": 401, "errorCode": "X"}', problem: /error of Atlas/ },
  { text: '{"_id": "5F"}', problem: /no live migration id/ },
  { text: '[]', problem: /no live migration id/ },
  { text: '"x"', problem: /no live migration id/ },
])('what is no reply is refused without quoting it: $text', ({ text, problem }) => {
  expect(readCreated(text)).toMatch(problem);
});
