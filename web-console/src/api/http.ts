/** The one way to the server's HTTP API: JSON in, JSON out, every failure an `ApiError` whose message can be shown as it is. */

export class ApiError extends Error {
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly code: string;
  /** Messages per field of a form, from a 422. */
  readonly fields: Readonly<Record<string, string>>;
  readonly retryAfterSeconds: number | null;

  constructor(
    status: number,
    code: string,
    message: string,
    fields: Readonly<Record<string, string>> = {},
    retryAfterSeconds: number | null = null,
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.fields = fields;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Called on every 401 except where the caller asked for it (login). */
let onUnauthenticated: () => void = () => {};

export function whenUnauthenticated(handler: () => void): void {
  onUnauthenticated = handler;
}

export interface RequestOptions {
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** A 401 is an answer to show here (wrong password), not the end of the session. */
  readonly expects401?: true;
}

export async function request<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
  const init: RequestInit = { method, credentials: "same-origin", headers: { Accept: "application/json" } };
  if (options.signal) init.signal = options.signal;
  if (method !== "GET") {
    // The server admits changes only as JSON: a foreign page cannot send that without asking first.
    init.headers = { Accept: "application/json", "Content-Type": "application/json" };
    init.body = JSON.stringify(options.body ?? {});
  }
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError(
      0,
      "unreachable",
      "The server can't be reached. Nothing was changed; check the connection and try again.",
    );
  }
  if (response.status === 401 && !options.expects401) onUnauthenticated();
  if (!response.ok) throw await errorFrom(response);
  if (response.status === 204 || response.headers.get("Content-Length") === "0") return undefined as T;
  const text = await response.text();
  return (text === "" ? undefined : JSON.parse(text)) as T;
}

async function errorFrom(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get("Retry-After") ?? "");
  const seconds = Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null;
  const body: unknown = await response.json().catch(() => null);
  if (body !== null && typeof body === "object") {
    const { code, message, fields } = body as Record<string, unknown>;
    if (typeof message === "string") {
      const known = fields !== null && typeof fields === "object" ? sentences(fields) : {};
      return new ApiError(response.status, typeof code === "string" ? code : "error", message, known, seconds);
    }
  }
  return new ApiError(
    response.status,
    "error",
    `The server answered with an error (${response.status}). Nothing was changed.`,
    {},
    seconds,
  );
}

/** The server's words about a field, "must be from 1 to 100", as a sentence under that field. */
function sentences(fields: object): Record<string, string> {
  const texts = Object.entries(fields).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return Object.fromEntries(
    texts.map(([field, text]) => [
      field,
      `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`,
    ]),
  );
}

/** What to tell a person about anything that was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  return "Something in this page failed. Reload it; what was sent is kept.";
}
