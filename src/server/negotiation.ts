/** Returns whether a client takes gzip, and does not prefer a plain reply (RFC 9110, 12.5.3). */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  const weights = weightsOf(acceptEncoding);
  const gzip = weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0;
  return gzip > 0 && gzip >= (weights.get('identity') ?? 0);
}

/** Returns whether a client asks for HTML by name, as browsers do for a page, and does not prefer JSON. */
export function prefersHtml(accept: string | undefined): boolean {
  const weights = weightsOf(accept);
  const html = weights.get('text/html') ?? 0;
  return html > 0 && html >= (weights.get('application/json') ?? 0);
}

/** Returns whether an If-None-Match names this tag. The comparison is weak (RFC 9110, 13.1.2). */
export function isKnownTag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  const opaque = etag.replace(/^W\//, '');
  return ifNoneMatch.matchAll(/"[^"]*"/g).some(([tag]) => tag === opaque);
}

/** Returns the weight of each item of an Accept or Accept-Encoding header; 0 where an item is refused. */
function weightsOf(header = ''): ReadonlyMap<string, number> {
  return new Map(
    header.split(',').map((item) => {
      const [name = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
      const weight = parameters.find((parameter) => /^q\s*=/.test(parameter))?.replace(/^q\s*=\s*/, '');
      return [name, weight === undefined ? 1 : Number(weight) || 0];
    }),
  );
}
