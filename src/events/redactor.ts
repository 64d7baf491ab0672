const mark = '[redacted]';
/** A shorter value would match harmless text. */
const minSecretLength = 4;

/** A secret in all its forms, and how often it is registered. */
interface Registration {
  readonly forms: readonly string[];
  uses: number;
}

interface Search {
  /** The longest first: replacing one that is part of another would leave the rest of it readable. */
  readonly secrets: readonly string[];
  /** Finds any of them; undefined where there is none. */
  readonly any: RegExp | undefined;
}

function searchFor(registrations: readonly Registration[]): Search {
  const forms = new Set(registrations.flatMap((registration) => registration.forms));
  const secrets = [...forms].toSorted((a, b) => b.length - a.length);
  const any =
    secrets.length === 0 ? undefined : new RegExp(secrets.map((secret) => RegExp.escape(secret)).join('|'));
  return { secrets, any };
}

/** Hides registered secrets in every text, by value: a secret may appear in any field. */
export class Redactor {
  readonly #registered = new Map<string, Registration>();
  /** What is looked for, made when it is first needed after a change. */
  #search: Search | undefined;

  /**
   * Registers a secret, also in the forms that URLs, forms, HTTP Basic and JSON give it. Returns a function that forgets
   * an expired secret, unless it is registered again: the list must not grow without end, nor with every reload.
   */
  register(secret: string): () => void {
    if (secret.length < minSecretLength) return () => {};
    const registration = this.#registered.get(secret) ?? this.#add(secret);
    registration.uses += 1;
    let isForgotten = false;
    return () => {
      if (isForgotten) return;
      isForgotten = true;
      registration.uses -= 1;
      if (registration.uses > 0) return;
      this.#registered.delete(secret);
      this.#search = undefined;
    };
  }

  #add(secret: string): Registration {
    const bytes = Buffer.from(secret);
    const forms = [
      secret,
      encodeURIComponent(secret),
      new URLSearchParams({ '': secret }).toString().slice(1),
      bytes.toString('base64'),
      bytes.toString('base64url'),
      JSON.stringify(secret).slice(1, -1),
    ];
    const registration = { forms, uses: 0 };
    this.#registered.set(secret, registration);
    this.#search = undefined;
    return registration;
  }

  /** Returns the text with every registered secret replaced. */
  text(text: string): string {
    this.#search ??= searchFor([...this.#registered.values()]);
    const { any, secrets } = this.#search;
    // Hardly any text holds a secret.
    if (any === undefined || !any.test(text)) return text;
    let clean = text;
    for (const secret of secrets) clean = clean.replaceAll(secret, mark);
    return clean;
  }

  /** Returns a copy of plain data in which every string, keys included, is redacted. */
  data(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.data(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [this.text(key), this.data(item)]));
  }

  /** Returns a copy of a record with fixed fields in which the values are redacted, except those of `kept` fields. */
  fields<Fields extends object>(record: Fields, kept: ReadonlySet<string> = new Set()): Fields {
    const entries = Object.entries(record).map(([key, value]) => [
      key,
      kept.has(key) ? value : this.data(value),
    ]);
    return Object.fromEntries(entries) as Fields;
  }
}
