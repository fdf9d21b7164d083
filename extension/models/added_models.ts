// Models that stay where the user has them: a list of paths in the editor's memory. Nothing of them is copied or deleted.
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import * as z from 'zod';
import { errors } from '../../engine/protocol/errors.ts';
import { phrase } from '../../engine/protocol/phrase.ts';
import { modelErrors } from './errors.ts';
import type { StoredValue } from '../stored_value.ts';
import { checkGgufMagic } from './gguf_magic.ts';
import { filesIn, onlySet } from './planning.ts';
import { fileSets, type FileSet, type NamedFile } from './transfer/file_sets.ts';
import { checkQuantization, shardsOf } from './transfer/small_files.ts';
import type { ModelOnDisk } from './transfer/model_on_disk.ts';

const remembered = z.array(z.strictObject({ path: z.string(), addedAt: z.string() }));
type Remembered = z.infer<typeof remembered>;

export class AddedModels {
  constructor(private readonly stored: StoredValue) {}

  /** Those that are still there, whole. */
  async list(): Promise<ModelOnDisk[]> {
    const found = await Promise.all(
      this.#remembered().map(({ path, addedAt }) => describe(path, addedAt).catch(() => undefined)),
    );
    return found.filter(model => model !== undefined);
  }

  /** Looks at a .gguf file (any part of it) or a folder and remembers it. Throws notAModel, fileUnreadable. */
  async add(path: string): Promise<ModelOnDisk> {
    if (!isAbsolute(path)) throw errors.badUsage(phrase`${path} is not an absolute path.`);
    const model = await describe(path, new Date().toISOString());
    const others = this.#remembered().filter(one => one.path !== model.path);
    await this.stored.set([...others, { path: model.path, addedAt: model.addedAt }]);
    return model;
  }

  async forget(path: string): Promise<void> {
    await this.stored.set(this.#remembered().filter(one => one.path !== path));
  }

  #remembered(): Remembered {
    const parsed = remembered.safeParse(this.stored.get());
    return parsed.success ? parsed.data : [];
  }
}

async function describe(path: string, addedAt: string): Promise<ModelOnDisk> {
  const kind = await stat(path).catch((cause: unknown) => {
    throw errors.fileUnreadable(path, cause);
  });
  const folder = kind.isDirectory() ? path : dirname(path);
  const files = await filesIn(folder);
  const named = basename(path);
  const readText = (name: string) => readFile(join(folder, name), 'utf8');
  const shards = await shardsOf(files, readText);
  const set = kind.isDirectory()
    ? onlySet(folder, files, shards)
    : (fileSets(files, shards).find(one => one.files.some(file => file.path === named)) ??
      (await unnamedGguf(path, kind.size)));
  if (!set)
    throw modelErrors.notAModel(path, phrase`it is no .gguf file, or a part of it is missing beside it`);
  const main = set.kind === 'gguf' ? join(folder, set.files[0]?.path ?? '') : folder;
  if (set.kind === 'gguf') await checkGgufMagic(main);
  await checkQuantization(path, set, files, readText);
  return {
    id: `added-${createHash('sha256').update(main).digest('hex').slice(0, 16)}`,
    name: basename(main).replace(/(-\d{5}-of-\d{5})?\.gguf$/i, ''),
    path: main,
    bytes: set.files.reduce((sum, { bytes }) => sum + bytes, 0),
    origin: { kind: 'file' },
    files: set.files.map(file => ({ name: file.path, bytes: file.bytes, fromHub: false })),
    addedAt,
    managed: false,
  };
}

/** A GGUF file by another name, as Ollama keeps them. */
async function unnamedGguf(path: string, bytes: number): Promise<FileSet<NamedFile> | undefined> {
  const name = basename(path);
  if (/\.(gguf|safetensors|json)$/i.test(name)) return undefined;
  await checkGgufMagic(path);
  return { kind: 'gguf', label: name, files: [{ path: name, bytes }] };
}
