import { join } from 'node:path';
import { credentialFault, shownPath } from './credential-text.ts';
import type { Environment } from './interpolate.ts';
import { type CredentialEffects, loadText, type SourcedText, type TextResult } from './sourced-text.ts';

/** One of the two texts that make a credential, and the places it may come from. */
export type CredentialPart = {
  readonly name: 'public key' | 'private key' | 'client id' | 'client secret';
  readonly of: 'Atlas API key' | 'service account';
  readonly isSecret: boolean;
  /** Its file in $CREDENTIALS_DIRECTORY. */
  readonly systemd: string;
  /** The variable that holds it; with `_FILE` behind, the one that names its file. */
  readonly variable: string;
  /** Its key under `atlas.auth`: for a secret the path of its file, else the text itself. */
  readonly key: string;
};

/** The text of a part and its source, or a problem in words that contain no secret. */
export type PartResult = TextResult;

/** Loads one part of a credential from its only source; `configured` is the value in the configuration. */
export async function loadPart(
  part: CredentialPart,
  configured: string | undefined,
  effects: CredentialEffects,
): Promise<PartResult> {
  const found = await loadText(sourcesOf(part, configured, effects.env), effects);
  return found ?? { ok: false, problem: describeMissing(part, effects.env) };
}

function sourcesOf(part: CredentialPart, configured: string | undefined, env: Environment): SourcedText {
  const { name, isSecret, systemd, variable, key } = part;
  const file = env[`${variable}_FILE`];
  const text = env[variable];
  const given = isSecret ? { path: configured ?? '' } : { text: configured ?? '' };
  return {
    name,
    isSecret,
    systemd,
    sources: [
      ...(file ? [{ label: `$${variable}_FILE`, path: file }] : []),
      ...(text ? [{ label: `$${variable}`, text }] : []),
      ...(configured === undefined ? [] : [{ label: `atlas.auth.${key}`, ...given }]),
    ],
    faultOf: (found) => credentialFault(found, part),
    shownPath,
  };
}

function describeMissing(
  { name, of, isSecret, systemd, variable, key }: CredentialPart,
  { CREDENTIALS_DIRECTORY: directory }: Environment,
): string {
  const inConfig = isSecret ? `name its file as atlas.auth.${key}` : `write it as atlas.auth.${key}`;
  const inDirectory = directory ? `Put it into ${join(directory, systemd)}, or set` : 'Set';
  return `The ${name} of the ${of} is missing. ${inDirectory} ${variable} or ${variable}_FILE, or ${inConfig}.`;
}
