/** What the simulator remembers of one request. Nothing of the key or the signature is among it. */
export type RecordedRequest = {
  readonly method: string;
  /** Path plus query. */
  readonly path: string;
  readonly status: number;
  /** Absent when the request was not signed, or `nc` was malformed. */
  readonly nonceCount?: number;
  /** When it arrived, in milliseconds. */
  readonly at: number;
  /** Empty when the client did not say. */
  readonly userAgent: string;
};

export type RequestCounts = {
  readonly total: number;
  readonly byStatus: Readonly<Record<number, number>>;
};

const MOST_REQUESTS = 10_000;

/** Keeps the latest 10,000 requests, and counts all of them. */
export class RequestLog {
  readonly #requests: RecordedRequest[] = [];
  readonly #byStatus = new Map<number, number>();
  #total = 0;

  /** The latest requests, oldest first; grows as more arrive. */
  get requests(): readonly RecordedRequest[] {
    return this.#requests;
  }

  /** The counts as they are now, forgotten requests included. */
  get counts(): RequestCounts {
    return { total: this.#total, byStatus: Object.fromEntries(this.#byStatus) };
  }

  record(request: RecordedRequest): void {
    this.#requests.push(request);
    if (this.#requests.length > MOST_REQUESTS) {
      this.#requests.shift();
    }
    this.#total += 1;
    this.#byStatus.set(request.status, (this.#byStatus.get(request.status) ?? 0) + 1);
  }
}
