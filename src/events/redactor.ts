const mark = '[redacted]';
/** A shorter value would be found in innocent text everywhere. */
const minSecretLength = 4;

/** Hides registered secrets wherever they turn up, by value: field names cannot be trusted to tell. */
export class Redactor {
  #secrets: readonly string[] = [];

  /** Registers a secret, also in the forms that URLs and HTTP Basic give it. */
  register(secret: string): void {
    if (secret.length < minSecretLength) return;
    const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')];
    // The longest first: replacing one that is part of another would leave the rest of it readable.
    this.#secrets = [...new Set([...this.#secrets, ...forms])].toSorted((a, b) => b.length - a.length);
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
}
