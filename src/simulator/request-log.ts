/** A logged request. It holds nothing of the key or the signature. */
export type RecordedRequest = {
  readonly method: string;
  /** Path plus query. */
  readonly path: string;
  readonly status: number;
  /** Absent if the request was not signed, or `nc` is malformed. */
  readonly nonceCount?: number;
  /** Time of arrival, in ms. */
  readonly at: number;
  /** Empty if the client did not send it. */
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

  /** The latest requests, oldest first. The list is live. */
  get requests(): readonly RecordedRequest[] {
    return this.#requests;
  }

  /** Returns the counts of all requests, forgotten ones included. */
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
