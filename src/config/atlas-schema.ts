import { z } from 'zod';
import { baseUrl } from './address-schemas.ts';
import { authSchema } from './auth-schema.ts';
import { type CrossCheck, crossCheck, property } from './scalar-schema.ts';
import { choice, duration, wholeNumber } from './scalars.ts';

/** MongoDB allows 100 a minute and project for v1.0, and a refill of 500 for v2: stay below both. */
const REQUESTS_PER_MINUTE = { 'v1.0': 90, v2: 400 } as const;
const DEFAULT_VERSION = { apiKey: 'v1.0', serviceAccount: 'v2' } as const;

/** The `atlas` section: where Atlas is, how to sign in, and how often to ask. */
export const atlasSchema = z
  .strictObject({
    baseUrl: baseUrl()
      .prefault('https://cloud.mongodb.com')
      .meta({ description: 'Address of Atlas, scheme and host only. https, except for this machine.' }),
    apiVersion: choice('v1.0', 'v2').optional().meta({
      description: 'Version of the Atlas Administration API to ask.',
      defaultText: '`v1.0`; `v2` with a service account',
      example: 'v1.0',
    }),
    auth: authSchema.prefault({}).meta({
      description: 'How to sign in. The role Organization Member is enough: cutover-watch only reads.',
    }),
    requestTimeout: duration(100, 300_000)
      .prefault('10s')
      .meta({ description: 'How long one request may take.' }),
    pollTimeout: duration(100, 3_600_000)
      .prefault('60s')
      .meta({ description: 'How long one poll may take, all its retries and both digest legs together.' }),
    concurrency: wholeNumber(1, 256).prefault(16).meta({
      description:
        'Polls running at the same time. With replies after 0.2 s, 16 are enough for 1,900 migrations every 30 seconds.',
    }),
    requestsPerMinute: wholeNumber(1, 10_000)
      .optional()
      .meta({
        description: 'Most requests a minute and project: 90 are 45 migrations every 30 seconds.',
        defaultText: `\`${REQUESTS_PER_MINUTE['v1.0']}\`; \`${REQUESTS_PER_MINUTE.v2}\` with apiVersion \`v2\``,
        example: REQUESTS_PER_MINUTE['v1.0'],
      }),
  })
  .check(crossCheck(findTimeoutConflict))
  .transform((atlas) => {
    const { baseUrl: address, apiVersion = DEFAULT_VERSION[atlas.auth.type], ...rest } = atlas;
    const { requestsPerMinute = REQUESTS_PER_MINUTE[apiVersion] } = rest;
    return { baseUrl: address, apiVersion, ...rest, requestsPerMinute };
  });

function findTimeoutConflict(atlas: unknown): readonly CrossCheck[] {
  const request = property(atlas, 'requestTimeout');
  const poll = property(atlas, 'pollTimeout');
  if (typeof request !== 'number' || typeof poll !== 'number' || request <= poll) return [];
  return [
    {
      path: ['requestTimeout'],
      clause:
        'is longer than atlas.pollTimeout; shorten it or lengthen the other (10s and 60s are the defaults).',
    },
  ];
}
