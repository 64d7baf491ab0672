const mark = '[redacted]';
/** A shorter value would match harmless text. */
const minSecretLength = 4;

/** Hides registered secrets in every text, by value: a secret may appear in any field. */
export class Redactor {
  /** The forms of each secret, and how often it is registered: a reload registers all of them again. */
  readonly #registered = new Map<string, { readonly forms: readonly string[]; uses: number }>();
  #secrets: readonly string[] = [];
  /** Finds out whether a text holds any of them: hardly any does. */
  #any: RegExp | undefined;

  /**
   * Registers a secret, also in the forms that URLs, forms, HTTP Basic and JSON give it. Returns a function that forgets
   * an expired secret: the list must not grow without end.
   */
  register(secret: string): () => void {
    if (secret.length < minSecretLength) return () => {};
    const known = this.#registered.get(secret);
    if (known !== undefined) {
      known.uses += 1;
      return () => this.#forget(secret);
    }
    const bytes = Buffer.from(secret);
    const forms = [
      secret,
      encodeURIComponent(secret),
      new URLSearchParams({ '': secret }).toString().slice(1),
      bytes.toString('base64'),
      bytes.toString('base64url'),
      JSON.stringify(secret).slice(1, -1),
    ];
    this.#registered.set(secret, { forms, uses: 1 });
    this.#sort();
    return () => this.#forget(secret);
  }

  #forget(secret: string): void {
    const known = this.#registered.get(secret);
    if (known === undefined) return;
    known.uses -= 1;
    if (known.uses > 0) return;
    this.#registered.delete(secret);
    this.#sort();
  }

  /** The longest first: replacing one that is part of another would leave the rest of it readable. */
  #sort(): void {
    this.#secrets = [...new Set([...this.#registered.values()].flatMap(({ forms }) => forms))].toSorted(
      (a, b) => b.length - a.length,
    );
    this.#any = new RegExp(this.#secrets.map((secret) => RegExp.escape(secret)).join('|') || '(?!)');
  }

  /** Returns the text with every registered secret replaced. */
  text(text: string): string {
    if (this.#any?.test(text) !== true) return text;
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
