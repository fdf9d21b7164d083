// A model on the disk, its files and where it came from, as plain data.
import type { FileHash } from '../hub/hub.ts';
import type { HubOrFolder } from './plan.ts';

/** Where a model came from. */
export type ModelOrigin = HubOrFolder | { kind: 'file' } | { kind: 'embedded' };

/** A file of a model; its name may hold folders of the repository. The hash is there where somebody has named it. */
export interface FileFacts {
  name: string;
  bytes: number;
  sha256?: string;
}

export interface InstalledFile extends FileFacts {
  /** True: `sha256` is what the hub named and the file was found to have it. */
  fromHub: boolean;
}

/** A model that is whole and on disk. Times are ISO 8601 texts. */
export interface ModelOnDisk {
  id: string;
  name: string;
  /** The value for the setting "hearth.model.path": a .gguf file (the first part) or a folder. Empty: the embedded model. */
  path: string;
  bytes: number;
  origin: ModelOrigin;
  files: InstalledFile[];
  addedAt: string;
  /** When its hashes were last found right. */
  verifiedAt?: string;
  licence?: string;
  /** True: it lies in Hearth's own folder, and to delete it removes its files. Any other is only taken off the list. */
  managed: boolean;
}

/** What is shown of a file. The hub names a SHA-256 only for files that it keeps outside git. */
export function factsOfFile(name: string, { bytes, hash }: { bytes: number; hash?: FileHash }): FileFacts {
  return { name, bytes, sha256: hash?.algorithm === 'sha256' ? hash.hex : undefined };
}
