import { expect, test } from 'vitest';
import { acceptsGzip, isKnownTag, prefersHtml } from '../../src/server/negotiation.ts';

test.each([
  ['gzip', true],
  ['gzip, deflate, br, zstd', true],
  ['GZIP', true],
  ['x-gzip', true],
  ['deflate, gzip;q=0.5', true],
  ['gzip ; q=0.001', true],
  ['*', true],
  ['br;q=1, *;q=0.1', true],
  ['gzip;q=1, identity;q=0.5', true],
  ['identity;q=0, gzip', true],
  [undefined, false],
  ['', false],
  ['br', false],
  ['gzip;q=0', false],
  ['gzip;q=0.000, *', false],
  ['gzip; Q=0', false],
  ['*;q=0', false],
  ['gzip;q=0.5, identity', false],
  ['gzipped', false],
  ['gzip;q=x', false],
])('Accept-Encoding: %s leads to gzip: %s', (header, gzip) => {
  expect(acceptsGzip(header)).toBe(gzip);
});

test.each([
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', true],
  ['TEXT/HTML', true],
  ['*/*', false],
  [undefined, false],
  ['application/json', false],
  ['text/html;q=0', false],
  ['application/json, text/html;q=0.5', false],
])('Accept: %s leads to a page: %s', (header, html) => {
  expect(prefersHtml(header)).toBe(html);
});

test.each([
  ['W/"a"', true],
  ['"a"', true],
  ['"b", W/"a"', true],
  ['*', true],
  [undefined, false],
  ['', false],
  ['a', false],
  ['"ab"', false],
  ['W/"b"', false],
])('If-None-Match: %s names W/"a": %s', (header, known) => {
  expect(isKnownTag(header, 'W/"a"')).toBe(known);
});
