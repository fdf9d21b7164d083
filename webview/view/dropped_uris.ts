// The places that were dropped, in whichever of the editor's forms they come. Pure.

/** What of a DataTransfer is needed. */
export interface DropData {
  getData: (type: string) => string;
}

/** The forms, the best first: the editor's own, those of its lists and tabs, and that of the system. */
const types = [
  'application/vnd.code.uri-list',
  'resourceurls',
  'codefiles',
  'codeeditors',
  'text/uri-list',
] as const;

/** The addresses of what was dropped; web pages are none. */
export function droppedUris(data: DropData): string[] {
  for (const type of types) {
    const uris = [...new Set(read(type, data.getData(type)))].filter(isPlace);
    if (uris.length > 0) return uris;
  }
  return [];
}
droppedUris.types = types;

function read(type: (typeof types)[number], text: string): string[] {
  if (text === '') return [];
  switch (type) {
    case 'application/vnd.code.uri-list':
    case 'text/uri-list':
      return text.split(/\r?\n/).filter(line => line !== '' && !line.startsWith('#'));
    case 'resourceurls':
      return strings(parsed(text));
    case 'codefiles':
      return strings(parsed(text)).map(fileUri);
    case 'codeeditors':
      return editors(parsed(text));
    default:
      return type satisfies never;
  }
}

function isPlace(uri: string): boolean {
  return /^[a-z][\w+.-]*:/i.test(uri) && !/^(https?|data|blob|javascript|about):/i.test(uri);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Another program may use the same name for something else.
    return undefined;
  }
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(one => typeof one === 'string') : [];
}

function editors(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((editor: unknown) => {
    const resource = (editor as { resource?: unknown } | null)?.resource;
    const external =
      typeof resource === 'object' && resource !== null ? (resource as { external?: unknown }) : {};
    const uri = typeof resource === 'string' ? resource : external.external;
    return typeof uri === 'string' ? [uri] : [];
  });
}

/** Of a path of the disk, `C:\a b` and `/a b` alike. */
function fileUri(path: string): string {
  const plain = path.replaceAll('\\', '/');
  return `file://${encodeURI(plain.startsWith('/') ? plain : `/${plain}`)
    .replaceAll('#', '%23')
    .replaceAll('?', '%3F')}`;
}
