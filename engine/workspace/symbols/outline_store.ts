// Outlines of files, kept on disk under the hash of what they were made of: a workspace that is opened again is not parsed again. Holds
// names, line numbers and signatures. A line that is damaged is as one that is missing.
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Definition, DefinitionKind } from './definition.ts';
import { endingOf } from './languages.ts';

/** Raised whenever outlines come out differently. */
const version = 1;
/** One workspace's; more is not kept. */
const fileBytesMax = 64 * 1024 * 1024;
/** All workspaces'; the ones that were used last stay. */
const allBytesMax = 256 * 1024 * 1024;
/** Unused for so long, it goes. */
const keptDays = 60;

const kinds: readonly DefinitionKind[] = [
  'function',
  'method',
  'class',
  'interface',
  'type',
  'enum',
  'variable',
  'module',
  'section',
];

type Packed = [
  name: string,
  kind: number,
  startLine: number,
  line: number,
  endLine: number,
  signature: string,
  exported: 0 | 1,
  members: Packed[],
];

/** What an outline depends on besides this version: the text, and the language that its path says. */
export function outlineKey(path: string, text: string): string {
  return createHash('sha256')
    .update(`${endingOf(path)}\n${text}`)
    .digest('base64')
    .slice(0, 32);
}

export class OutlineStore {
  readonly #directory: string;
  readonly #path: string;

  constructor(directory: string, workspace: string) {
    this.#directory = directory;
    this.#path = join(
      directory,
      `${createHash('sha256').update(workspace).digest('hex').slice(0, 24)}.outlines`,
    );
  }

  /** Outlines by their keys. Never rejects. */
  async read(): Promise<Map<string, Definition[]>> {
    const found = new Map<string, Definition[]>();
    let text: string;
    try {
      if ((await stat(this.#path)).size > fileBytesMax) return found;
      text = await readFile(this.#path, 'utf8');
      const now = new Date();
      await utimes(this.#path, now, now);
    } catch {
      return found; // Nothing was kept, or it cannot be read: outlines are made anew.
    }
    const [heading, ...lines] = text.split('\n');
    if (heading !== String(version)) return found;
    for (const line of lines) {
      const [key, sum, json] = line.split('\t');
      if (key === undefined || json === undefined || sum !== sumOf(key, json)) continue;
      found.set(key, (JSON.parse(json) as Packed[]).map(unpacked));
    }
    return found;
  }

  /** Replaces what is kept. Rejects when the folder cannot be written; nothing half-written is left. */
  async write(outlines: ReadonlyMap<string, readonly Definition[]>): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const lines = [String(version)];
    let bytes = 0;
    for (const [key, definitions] of outlines) {
      const json = JSON.stringify(definitions.map(packed));
      bytes += json.length;
      if (bytes > fileBytesMax / 2) break;
      lines.push(`${key}\t${sumOf(key, json)}\t${json}`);
    }
    const part = `${this.#path}.${randomUUID()}`;
    try {
      await writeFile(part, lines.join('\n'), { mode: 0o600 });
      await rename(part, this.#path);
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
    await this.#sweep();
  }

  /** The oldest of all workspaces' go, and what was left half-written. */
  async #sweep(): Promise<void> {
    const names = await readdir(this.#directory);
    const files = await Promise.all(
      names.map(async name => {
        const path = join(this.#directory, name);
        const facts = await stat(path).catch(() => undefined); // Another window has removed it.
        return facts
          ? [{ path, bytes: facts.size, usedAt: facts.mtimeMs, isPart: !name.endsWith('.outlines') }]
          : [];
      }),
    );
    let bytes = 0;
    for (const file of files.flat().sort((a, b) => b.usedAt - a.usedAt)) {
      const ageDays = (Date.now() - file.usedAt) / 86_400_000;
      if (!file.isPart) bytes += file.bytes;
      const goes = file.isPart ? ageDays > 1 : ageDays > keptDays || bytes > allBytesMax;
      if (goes && file.path !== this.#path) await rm(file.path, { force: true });
    }
  }
}

function sumOf(key: string, json: string): string {
  return createHash('sha256').update(key).update(json).digest('base64').slice(0, 12);
}

function packed({ name, kind, startLine, line, endLine, signature, exported, members }: Definition): Packed {
  return [
    name,
    kinds.indexOf(kind),
    startLine,
    line,
    endLine,
    signature,
    exported ? 1 : 0,
    members.map(packed),
  ];
}

function unpacked([name, kind, startLine, line, endLine, signature, exported, members]: Packed): Definition {
  return {
    name,
    kind: kinds[kind] as DefinitionKind,
    startLine,
    line,
    endLine,
    signature,
    exported: exported === 1,
    members: members.map(unpacked),
  };
}
