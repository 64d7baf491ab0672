import { isHostName } from '../config/address-schemas.ts';
import { quoted } from '../config/quoted.ts';
import { HttpError } from './reply.ts';

/** A longer name is cut. The longest that DNS has is 253. */
const shownLength = 253;

/** Returns the refusal of a Host header, with the page that says so in a browser; `name` is its name without the port. */
export function unknownHost(header: string, name = header): HttpError {
  const shown = quoted(name.length > shownLength ? `${name.slice(0, shownLength)}…` : name);
  const sentence = `The Host header names ${shown}, and this server does not answer to that name.`;
  const remedy = isHostName(name)
    ? `Add ${shown} to http.allowedHosts, or use the address of the server.`
    : 'Use a name in http.allowedHosts, or the address of the server.';
  return new HttpError(403, `${sentence} ${remedy}`, {
    html: pageFor(shown, isHostName(name) ? name : 'watch.example.com'),
  });
}

/** The page has no script and no style: the policy of every reply forbids both. */
function pageFor(shown: string, allowed: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Unknown host name - cutover-watch</title>
<h1>cutover-watch does not answer to this name</h1>
<p>Your browser asked for <bdi>${escaped(shown)}</bdi>. Add the name to <code>http.allowedHosts</code> in the configuration
of the watcher, beside those that are there already. A reload applies it. Then load this page again.</p>
<pre>http:
  allowedHosts: [${escaped(JSON.stringify(allowed))}]</pre>
<p>Other names are refused so that no web page from elsewhere can read this one through your browser.</p>
</html>
`;
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
