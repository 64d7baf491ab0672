import { describe, expect, it } from 'vitest';
import { readPasted } from '../../../src/cli/init/parse-ids.ts';

const groupId = '5f7f5f5f5f5f5f5f5f5f5f5f';
const liveMigrationId = '7e68e12770616e75e6df43d0';
const pair = { kind: 'pair', groupId, liveMigrationId };
const api = `https://cloud.mongodb.com/api/atlas/v1.0/groups/${groupId}/liveMigrations/${liveMigrationId}`;

describe('ids are found in what a person pastes', () => {
  it.each([
    [`${groupId}/${liveMigrationId}`, pair],
    [`  "${groupId}/${liveMigrationId}",\n`, pair],
    [`${groupId}/${liveMigrationId}/`, pair],
    [`${groupId.toUpperCase()}/${liveMigrationId.toUpperCase()}`, pair],
    [`orders=${groupId}/${liveMigrationId}`, { ...pair, name: 'orders' }],
    [`a=b c=${groupId}/${liveMigrationId}`, { ...pair, name: 'a=b c' }],
    [`=${groupId}/${liveMigrationId}`, { ...pair, name: '' }],
    [api, pair],
    [`orders=${api}`, { ...pair, name: 'orders' }],
    [`${api}?pretty=true`, pair],
    [`${api}/cutover`, pair],
    [api.replace('v1.0', 'v2'), pair],
    [api.replace('cloud.mongodb.com', 'user:pass@proxy.example.com:8443'), pair],
    [`/api/atlas/v2/groups/${groupId}/liveMigrations/${liveMigrationId}`, pair],
    [`groups/${groupId}/liveMigrations/${liveMigrationId}`, pair],
    [`https://cloud.mongodb.com/v2/${groupId}#/clusters`, { kind: 'project', groupId }],
    [`https://cloud.mongodb.com/v2/${groupId}`, { kind: 'project', groupId }],
    [
      `https://cloud.mongodb.com/v2/${groupId}#/host/replicaSet/${liveMigrationId}`,
      { kind: 'project', groupId },
    ],
    [`https://cloud.mongodb.com/api/atlas/v2/groups/${groupId}/clusters`, { kind: 'project', groupId }],
    [`{"_id": "${liveMigrationId}", "status": "NEW"}`, { kind: 'migration', liveMigrationId }],
    [groupId, { kind: 'id', id: groupId }],
    [`orders=${groupId}`, { kind: 'id', id: groupId }],
    [` ${groupId.toUpperCase()} `, { kind: 'id', id: groupId }],
  ])('%s', (text, expected) => {
    expect(readPasted(text)).toEqual(expected);
  });
});

describe('what holds no ids is refused, and never quoted', () => {
  it.each([
    [`https://cloud.mongodb.com/v2#/org/${groupId}/projects`, 'address of an organization'],
    [`https://cloud.mongodb.com/v2#/orgs/${groupId}`, 'address of an organization'],
    [`https://cloud.mongodb.com/api/atlas/v2/orgs/${groupId}`, 'address of an organization'],
    ['', 'no ids'],
    ['orders', 'no ids'],
    [`${groupId}0`, 'no ids'],
    [`${groupId}/`, 'no ids'],
    [`${groupId}/${liveMigrationId}0`, 'no ids'],
    [`${groupId}/${liveMigrationId}/more`, 'no ids'],
    [`${groupId.slice(1)}g/${liveMigrationId}`, 'no ids'],
    ['01234567-89ab-4cde-8f01-23456789abcd', 'no ids'],
    ['https://cloud.mongodb.com/', 'no ids'],
    ['\u001b[31m', 'no ids'],
  ])('%j', (text, reason) => {
    const result = readPasted(text);
    expect(result).toMatchObject({ kind: 'problem', problem: expect.stringContaining(reason) });
    if (result.kind === 'problem' && text !== '') expect(result.problem).not.toContain(text);
  });
});
