// Where outlines of workspaces' files are kept, beside the engine's other caches.
import { join } from 'node:path';
import { cacheDirectory } from '../shared/caches/cache_directory.ts';

export function symbolsDirectory(): string {
  return join(cacheDirectory(), 'symbols');
}
