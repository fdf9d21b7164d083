// One request to the hub: redirects followed by hand so that the token stays with the hub, failures as named errors.
// Addresses are never put into messages: those of storage hosts carry signatures.
import { errors } from '../../../engine/protocol/errors.ts';
import { phrase, type PhraseValue } from '../../../engine/protocol/phrase.ts';
import { modelErrors } from '../errors.ts';
import { TemporaryFailure } from './retry.ts';

const officialEndpoint = 'https://huggingface.co';
const redirectsMax = 8;

export interface HubAccess {
  /** Where the hub is, without a slash at the end. */
  endpoint: string;
  /** Asked before every request, so that a new token works at once. */
  token(): Promise<string | undefined>;
  /** `globalFetch` outside tests: the editor replaces the global `fetch` with one that knows proxies. */
  fetch: typeof fetch;
}

export interface HubAnswer {
  response: Response;
  /** Headers of the hub's own answer, before it sent us on to a storage host. */
  hubHeaders: Headers;
}

/** HF_ENDPOINT, else the official hub. Throws badUsage for something that is no web address. */
export function hubEndpoint(environment: Record<string, string | undefined>): string {
  const value = environment['HF_ENDPOINT']?.trim();
  if (!value) return officialEndpoint;
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw errors.badUsage(phrase`HF_ENDPOINT is set to "${value}", which is no http or https address.`);
  return url.href.replace(/\/+$/, '');
}

/** Looks up the global `fetch` at every call. */
export const globalFetch: typeof fetch = (input, init) => globalThis.fetch(input, init);

/** GETs `url`. Resolves with 2xx only; 429, 5xx and network failures are TemporaryFailures, the rest named errors. */
export async function hubRequest(
  access: HubAccess,
  url: string,
  of: { repository: string; what: PhraseValue; headers?: Record<string, string>; signal?: AbortSignal },
): Promise<HubAnswer> {
  const token = await access.token();
  const home = new URL(access.endpoint).origin;
  let hubHeaders: Headers | undefined;
  for (let at = new URL(url), hops = 0; ; hops++) {
    const isHome = at.origin === home;
    const response = await send(access, at, {
      headers: { ...of.headers, ...(token && isHome ? { Authorization: `Bearer ${token}` } : {}) },
      signal: of.signal,
    });
    if (isHome) hubHeaders = response.headers;
    const location = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel();
      if (hops >= redirectsMax || !URL.canParse(location, at.href))
        throw modelErrors.hubFailed(at.host, phrase`its redirects lead nowhere`);
      at = new URL(location, at);
      continue;
    }
    if (response.ok) return { response, hubHeaders: hubHeaders ?? response.headers };
    await response.body?.cancel();
    throw failureOf(response, { ...of, host: at.host, isHome, hasToken: token !== undefined });
  }
}

async function send(
  access: HubAccess,
  url: URL,
  init: { headers: Record<string, string>; signal?: AbortSignal },
): Promise<Response> {
  try {
    return await access.fetch(url, { ...init, redirect: 'manual' });
  } catch (error) {
    init.signal?.throwIfAborted();
    throw new TemporaryFailure(modelErrors.hubUnreachable(url.host, reasonOf(error)));
  }
}

/** `fetch` hides what went wrong ("fetch failed") in the cause, or in several of them. */
export function reasonOf(error: unknown): string {
  let found = error;
  while (found instanceof Error && found.cause !== undefined) found = found.cause;
  if (found instanceof AggregateError && found.errors.length > 0) found = found.errors[0];
  return found instanceof Error ? found.message || found.name : String(found);
}

function failureOf(
  { status, headers }: Response,
  of: { repository: string; what: PhraseValue; host: string; isHome: boolean; hasToken: boolean },
): Error {
  const code = headers.get('x-error-code');
  // The hub answers 401 for a repository that is not there, so that nobody learns which private ones exist.
  if (code === 'RepoNotFound') return modelErrors.hubNotFound(phrase`The repository ${of.repository}`);
  if (status === 404) return modelErrors.hubNotFound(of.what);
  if ((status === 401 || status === 403) && of.isHome)
    return modelErrors.hubAccessDenied(of.repository, of.hasToken);
  // The range begins beyond the end: the file is shorter than the hub said before.
  if (status === 416) return modelErrors.hubNotFound(phrase`The requested part of ${of.what}`);
  const failure = modelErrors.hubFailed(of.host, phrase`it answered with status ${status} for ${of.what}`);
  const passes = status === 408 || status === 425 || status === 429 || status >= 500;
  // A storage host refuses an address that has expired; the hub will give a new one.
  return passes || status === 401 || status === 403
    ? new TemporaryFailure(failure, retryAfterMs(headers.get('retry-after')))
    : failure;
}

/** Retry-After in seconds or as a date. */
function retryAfterMs(value: string | null): number | undefined {
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
