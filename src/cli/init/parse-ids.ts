/** The ids in a pasted text, or why there are none. A problem never quotes the text, which may be a secret. */
export type Pasted =
  | {
      readonly kind: 'pair';
      readonly name?: string;
      readonly groupId: string;
      readonly liveMigrationId: string;
    }
  | { readonly kind: 'project'; readonly groupId: string }
  | { readonly kind: 'migration'; readonly liveMigrationId: string }
  /** An id that may be either. */
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'problem'; readonly problem: string };

/** A longer text is something else. */
const longest = 10_000;
const id = '([0-9a-f]{24})(?![0-9a-f])';

/**
 * Returns the ids in what a person pasted: `groupId/liveMigrationId` with or without a `NAME=` before it, the address
 * of a live migration in the API, that of a project in the console (which has no live migration id), the reply that
 * holds `_id`, or an id alone.
 */
export function readPasted(text: string): Pasted {
  if (text.length > longest) return noIds;
  const plain = text.trim().replaceAll(/^["'<]+|["'>,;]+$/g, '');
  const [, name, rest] = /^(?:(.*?)=)?((?:[0-9a-f]{24}(?:\/|$)|https?:\/\/).*)$/is.exec(plain) ?? [];
  const place = (rest ?? plain).toLowerCase();
  const [, groupId, liveMigrationId] =
    match(`^${id}/${id}/?$`, place) ??
    match(`(?:^|/)groups/${id}/livemigrations/${id}(?:[/?#]|$)`, place) ??
    [];
  if (groupId !== undefined && liveMigrationId !== undefined)
    return { kind: 'pair', ...(name !== undefined && { name: name.trim() }), groupId, liveMigrationId };
  return readPart(place);
}

function readPart(place: string): Pasted {
  const [, alone] = match(`^${id}$`, place) ?? [];
  if (alone !== undefined) return { kind: 'id', id: alone };
  const [, created] = match(`"_id"\\s*:\\s*"${id}"`, place) ?? [];
  if (created !== undefined) return { kind: 'migration', liveMigrationId: created };
  if (/[/#]orgs?\/[0-9a-f]{24}/.test(place))
    return problem(
      'This is the address of an organization. Open the project in the Atlas console and paste its address, or the project id from Project Settings.',
    );
  const [, project] = match(`/(?:v2|groups|project)/${id}(?:[/?#]|$)`, place) ?? [];
  if (project !== undefined) return { kind: 'project', groupId: project };
  return noIds;
}

function match(pattern: string, text: string): RegExpExecArray | undefined {
  return new RegExp(pattern).exec(text) ?? undefined;
}

const noIds = problem(
  'This contains no ids. Paste PROJECT_ID/LIVE_MIGRATION_ID, each 24 characters 0-9 and a-f, or an Atlas address that contains them.',
);

function problem(sentence: string): Pasted {
  return { kind: 'problem', problem: sentence };
}
