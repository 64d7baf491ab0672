/** One HTTP reply, before it is written. */
export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

type AtlasFault = {
  readonly errorCode: string;
  readonly detail: string;
  readonly parameters?: readonly string[];
};

const REASONS = {
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
} as const;

/** Returns an error reply in the format of Atlas: JSON with `error`, `reason`, `detail`, `errorCode` and optional `parameters`. */
export function errorReply(
  status: keyof typeof REASONS,
  { errorCode, detail, parameters }: AtlasFault,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  const body = { error: status, reason: REASONS[status], detail, errorCode, parameters };
  return {
    status,
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  };
}

/** Returns the plain-text reply of an internal error of Atlas. */
export function serverErrorReply(): Reply {
  return { status: 500, headers: { 'Content-Type': 'text/plain' }, body: 'Server Error' };
}
