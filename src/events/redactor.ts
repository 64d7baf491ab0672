const mark = '[redacted]';
/** A shorter value would match harmless text. */
const minSecretLength = 4;

/** A secret in all its forms, and how often it is registered. */
interface Registration {
  readonly forms: readonly string[];
  uses: number;
}

/** Hides registered secrets in every text, by value: a secret may appear in any field. */
export class Redactor {
  readonly #registered = new Map<string, Registration>();
  #secrets: readonly string[] = [];

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
      this.#sort();
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
    this.#sort();
    return registration;
  }

  /** The longest first: replacing one that is part of another would leave the rest of it readable. */
  #sort(): void {
    this.#secrets = [...new Set([...this.#registered.values()].flatMap(({ forms }) => forms))].toSorted(
      (a, b) => b.length - a.length,
    );
  }

  /** Returns the text with every registered secret replaced. */
  text(text: string): string {
    let clean = text;
    for (const secret of this.#secrets) clean = clean.replaceAll(secret, mark);
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
