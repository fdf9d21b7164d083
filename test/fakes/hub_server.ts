// A hub on this machine: repositories with files, its API (revision, tree, resolve) and a storage host on another port that
// serves ranges. Tests add faults for single requests.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeFile {
  path: string;
  content: Buffer;
  /** Kept in git itself: small, served by the hub without a redirect, known by git's hash. */
  plain?: boolean;
}
export interface FakeRepository {
  commit: string;
  files: FakeFile[];
  tags?: string[];
  /** Only with this token. */
  token?: string;
}
export interface Seen {
  host: 'hub' | 'storage';
  path: string;
  authorization: string | undefined;
  range: string | undefined;
}
/** Answers instead of the server; returns false to let it answer. */
export type Fault = (seen: Seen, response: ServerResponse, request: IncomingMessage) => boolean;

export class HubServer {
  readonly repositories = new Map<string, FakeRepository>();
  readonly seen: Seen[] = [];
  fault: Fault | undefined;
  /** What the storage host serves, when it is not what was published. */
  served = new Map<string, Buffer>();
  /** What the hub names as the hash of a file when it sends on to the storage host, when not its own. */
  linkedHash: string | undefined;
  /** The storage host sends no faster than this; a change counts at once. */
  bytesPerSecond = Infinity;
  /** Items of one page of the tree. */
  pageSize = 2;
  readonly #hub: Server;
  readonly #storage: Server;

  private constructor() {
    this.#hub = createServer((request, response) => this.#serve('hub', request, response));
    this.#storage = createServer((request, response) => this.#serve('storage', request, response));
  }

  static async start(): Promise<HubServer> {
    const server = new HubServer();
    await Promise.all(
      [server.#hub, server.#storage].map(
        one => new Promise<void>(resolve => one.listen(0, '127.0.0.1', resolve)),
      ),
    );
    return server;
  }

  get endpoint(): string {
    return addressOf(this.#hub);
  }

  async stop(): Promise<void> {
    for (const one of [this.#hub, this.#storage]) {
      one.closeAllConnections();
      await new Promise(resolve => one.close(resolve));
    }
  }

  /** Requests for ranges that reached the storage host. */
  get ranges(): string[] {
    return this.seen.filter(({ host }) => host === 'storage').map(({ range }) => range ?? 'whole');
  }

  #serve(host: Seen['host'], request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', 'http://fake');
    const { authorization, range } = request.headers;
    const seen: Seen = { host, path: url.pathname, authorization, range };
    this.seen.push(seen);
    if (this.fault?.(seen, response, request)) return;
    if (host === 'storage') this.#content(decodeURIComponent(url.pathname.slice(1)), request, response);
    else this.#hubAnswer(url, request, response);
  }

  #hubAnswer(url: URL, request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = url;
    const api = /^\/api\/models\/([^/]+\/[^/]+)\/(revision|tree)\/([^/]+)$/.exec(pathname);
    const resolve = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(pathname);
    const name = api?.[1] ?? resolve?.[1] ?? '';
    const repository = this.repositories.get(name);
    if (!repository) return fail(response, 401, 'RepoNotFound');
    if (repository.token && request.headers.authorization !== `Bearer ${repository.token}`)
      return fail(response, request.headers.authorization ? 403 : 401, 'GatedRepo');
    const revision = decodeURIComponent(api?.[3] ?? resolve?.[2] ?? '');
    if (revision !== 'main' && revision !== repository.commit) return fail(response, 404, 'RevisionNotFound');
    if (api?.[2] === 'revision') return this.#info(name, repository, response);
    if (api) return this.#tree(url, repository, response);
    const path = decodeURIComponent(resolve?.[3] ?? '');
    const file = repository.files.find(one => one.path === path);
    if (!file) return fail(response, 404, 'EntryNotFound');
    response.setHeader('X-Repo-Commit', repository.commit);
    if (file.plain) {
      response.setHeader('ETag', `"${gitHash(file.content)}"`);
      return send(file.content, request, response);
    }
    const key = encodeURIComponent(`${name}/${path}`);
    response.writeHead(302, {
      Location: `${addressOf(this.#storage)}/${key}?signature=secret`,
      'X-Linked-Size': file.content.length,
      'X-Linked-Etag': `"${this.linkedHash ?? sha256(file.content)}"`,
    });
    response.end();
  }

  #info(name: string, { commit, tags, token }: FakeRepository, response: ServerResponse): void {
    json(response, {
      _id: '1',
      id: name,
      sha: commit,
      private: false,
      gated: token ? 'manual' : false,
      tags: tags ?? ['license:apache-2.0'],
      lastModified: '2026-01-01T00:00:00.000Z',
      downloads: 1,
      likes: 1,
    });
  }

  #tree(url: URL, { files }: FakeRepository, response: ServerResponse): void {
    const from = Number(url.searchParams.get('cursor') ?? 0);
    const page = files.slice(from, from + this.pageSize);
    if (from + this.pageSize < files.length) {
      const next = new URL(url.pathname + url.search, this.endpoint);
      next.searchParams.set('cursor', String(from + this.pageSize));
      response.setHeader('Link', `<${next.href}>; rel="next"`);
    }
    json(
      response,
      page.map(({ path, content, plain }) => ({
        type: 'file',
        path,
        size: content.length,
        oid: gitHash(content),
        ...(plain ? {} : { lfs: { oid: sha256(content), size: content.length, pointerSize: 130 } }),
      })),
    );
  }

  #content(key: string, request: IncomingMessage, response: ServerResponse): void {
    const [owner, name, ...rest] = key.split('/');
    const file = this.repositories.get(`${owner}/${name}`)?.files.find(({ path }) => path === rest.join('/'));
    if (!file) return fail(response, 404, 'EntryNotFound');
    send(this.served.get(file.path) ?? file.content, request, response, () => this.bytesPerSecond);
  }
}

export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

export function gitHash(content: Buffer): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function json(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(value));
}

export function fail(response: ServerResponse, status: number, code = '', headers = {}): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'X-Error-Code': code, ...headers });
  response.end(JSON.stringify({ error: code }));
}

function send(
  content: Buffer,
  request: IncomingMessage,
  response: ServerResponse,
  bytesPerSecond = () => Infinity,
): void {
  const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
  if (!match) {
    response.writeHead(200, { 'Content-Length': content.length });
    return drip(content, response, bytesPerSecond);
  }
  const start = Number(match[1]);
  const end = Math.min(Number(match[2]) + 1, content.length);
  if (start >= content.length) {
    response.writeHead(416, { 'Content-Range': `bytes */${content.length}` });
    response.end();
    return;
  }
  response.writeHead(206, {
    'Content-Length': end - start,
    'Content-Range': `bytes ${start}-${end - 1}/${content.length}`,
  });
  drip(content.subarray(start, end), response, bytesPerSecond);
}

/** Sends all of it, a little every twentieth of a second where there is a bound. */
function drip(body: Buffer, response: ServerResponse, bytesPerSecond: () => number): void {
  const count = Math.ceil(bytesPerSecond() / 20);
  if (count >= body.length) return void response.end(body);
  response.write(body.subarray(0, count));
  setTimeout(() => !response.destroyed && drip(body.subarray(count), response, bytesPerSecond), 50);
}
