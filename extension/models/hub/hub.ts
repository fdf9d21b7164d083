// What the hub says about repositories, and parts of their files. Uses @huggingface/hub for the hub's API.
import { errors, HearthError } from '../../../engine/protocol/errors.ts';
import { phrase, type PhraseValue } from '../../../engine/protocol/phrase.ts';
import { modelErrors } from '../errors.ts';
import { hubRequest, reasonOf, type HubAccess } from './hub_request.ts';
import { retrying, TemporaryFailure, type RetryPolicy } from './retry.ts';

/** `git-sha1` is git's own name of a small file: SHA-1 over a header with the length, then the bytes. */
export interface FileHash {
  algorithm: 'sha256' | 'git-sha1';
  hex: string;
}

export interface HubFile {
  path: string;
  bytes: number;
  hash: FileHash;
}
export interface HubListing {
  repository: string;
  /** Commit of everything below. */
  revision: string;
  licence?: string;
  gated: boolean;
  files: HubFile[];
}

export class Hub {
  constructor(
    private readonly access: HubAccess,
    private readonly retryPolicy: RetryPolicy,
  ) {}

  get host(): string {
    return new URL(this.access.endpoint).host;
  }

  /** Pins `revision` (default: the newest) to a commit and lists its files. */
  async list(repository: string, revision: string | undefined, signal: AbortSignal): Promise<HubListing> {
    const shared = {
      hubUrl: this.access.endpoint,
      fetch: this.#apiFetch(repository, phrase`The repository ${repository}`, signal),
    };
    // Loaded only now; hub_api.ts says why.
    const { listFiles, modelInfo } = await import('./hub_api.ts');
    try {
      const info = await modelInfo({
        ...shared,
        name: repository,
        revision: revision ?? 'main',
        additionalFields: ['sha', 'tags'],
      });
      const commit = info.sha;
      if (!/^[0-9a-f]{40}$/.test(commit))
        throw modelErrors.hubFailed(this.host, phrase`it named no commit of ${repository}`);
      const files: HubFile[] = [];
      const listing = { ...shared, repo: repository, revision: commit, recursive: true };
      for await (const { type, path, size, oid, lfs } of listFiles(listing))
        if (type === 'file' && (lfs || oid))
          files.push({
            path,
            bytes: lfs?.size ?? size,
            hash: lfs ? { algorithm: 'sha256', hex: lfs.oid } : { algorithm: 'git-sha1', hex: oid as string },
          });
      const licence = info.tags?.find(tag => tag.startsWith('license:'))?.slice('license:'.length);
      return { repository, revision: commit, licence, gated: info.gated !== false, files };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof HearthError) throw error;
      throw modelErrors.hubFailed(
        this.host,
        phrase`its answer about ${repository} makes no sense (${reasonOf(error)})`,
      );
    }
  }

  /** The text of a small file of a pinned commit. */
  async readText(repository: string, revision: string, path: string, signal: AbortSignal): Promise<string> {
    const fetch = this.#apiFetch(repository, phrase`${path} in ${repository}`, signal);
    return (await fetch(this.#fileUrl(repository, revision, path))).text();
  }

  /** The first bytes of a file of a pinned commit, `count` of them or all. */
  async readStart(
    of: { repository: string; revision: string; file: HubFile },
    count: number,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const range = { start: 0, end: Math.min(count, of.file.bytes) };
    const read = async (): Promise<Uint8Array> => {
      const reader = (await this.openRange(of, range, signal)).getReader();
      const bytes = new Uint8Array(range.end);
      let done = 0;
      try {
        for (let next = await reader.read(); !next.done && done < bytes.length; next = await reader.read()) {
          bytes.set(next.value.subarray(0, bytes.length - done), done);
          done += Math.min(next.value.length, bytes.length - done);
        }
      } catch (error) {
        signal.throwIfAborted();
        throw new TemporaryFailure(
          modelErrors.hubFailed(this.host, phrase`the connection broke (${reasonOf(error)})`),
        );
      } finally {
        // A server without ranges sends all of it.
        await reader.cancel().catch(() => undefined);
      }
      return bytes.subarray(0, done);
    };
    return retrying(read, this.retryPolicy, { signal });
  }

  /**
   * Opens bytes `start` to `end` (not included) of a file, in one attempt. Throws hubNotFound when the file is no longer the one
   * that was listed.
   */
  async openRange(
    of: { repository: string; revision: string; file: HubFile },
    range: { start: number; end: number },
    signal: AbortSignal,
  ): Promise<ReadableStream<Uint8Array>> {
    const { repository, revision, file } = of;
    const what = phrase`${file.path} in ${repository}`;
    const { response, hubHeaders } = await hubRequest(
      this.access,
      this.#fileUrl(repository, revision, file.path),
      {
        repository,
        what,
        signal,
        // A proxy must not compress the answer: its bytes would no longer be those of the range.
        headers: { Range: `bytes=${range.start}-${range.end - 1}`, 'Accept-Encoding': 'identity' },
      },
    );
    const refuse = async (error: Error): Promise<never> => {
      await response.body?.cancel();
      throw error;
    };
    const named = /^(?:W\/)?"?([0-9a-f]{40,64})"?$/.exec(hubHeaders.get('x-linked-etag') ?? '')?.[1];
    if (named !== undefined && named !== file.hash.hex)
      return refuse(modelErrors.hubNotFound(phrase`The listed version of ${what}`));
    if (response.status === 206) {
      const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
      if (match && match[3] !== '*' && Number(match[3]) !== file.bytes)
        return refuse(modelErrors.hubNotFound(phrase`The listed version of ${what}`));
      if (!match || Number(match[1]) !== range.start || Number(match[2]) >= range.end)
        return refuse(
          new TemporaryFailure(modelErrors.hubFailed(this.host, phrase`it sent another part of ${what}`)),
        );
    } else if (range.start > 0)
      return refuse(modelErrors.hubFailed(this.host, phrase`it cannot send parts of ${what}`));
    if (!response.body)
      throw new TemporaryFailure(modelErrors.hubFailed(this.host, phrase`it sent nothing of ${what}`));
    return response.body;
  }

  #fileUrl(repository: string, revision: string, path: string): string {
    const encoded = path.split('/').map(encodeURIComponent).join('/');
    return `${this.access.endpoint}/${repository}/resolve/${revision}/${encoded}`;
  }

  /** A `fetch` for the hub's library: our token, redirects, errors and retries. It only returns responses with status 2xx. */
  #apiFetch(repository: string, what: PhraseValue, signal: AbortSignal): typeof fetch {
    return async input => {
      const url = input instanceof Request ? input.url : String(input);
      const { response } = await retrying(
        () =>
          hubRequest(this.access, url, { repository, what, signal, headers: { accept: 'application/json' } }),
        this.retryPolicy,
        { signal },
      );
      return response;
    };
  }
}

/**
 * `owner/name`, `owner/name@revision`, or the address of a repository's page on the hub or a mirror. Throws badUsage.
 */
export function parseReference(reference: string): { repository: string; revision?: string } {
  const text = reference.trim().replace(/[?#].*$/, '');
  const page =
    /^(?:https?:\/\/)?[\w.-]+\.\w+(?::\d+)?\/([\w.-]+\/[\w.-]+)(?:\/(?:tree|blob|resolve)\/([^/]+).*)?\/?$/;
  const plain = /^([\w.-]+\/[\w.-]+?)(?:@([\w./-]+)|:[\w.-]+)?$/;
  const match = page.exec(text) ?? plain.exec(text);
  const [, repository, revision] = match ?? [];
  if (!repository || repository.includes('..') || /^(datasets|spaces)\//.test(repository))
    throw errors.badUsage(phrase`"${reference}" does not name a model repository; write it as owner/name.`);
  return { repository, revision };
}
