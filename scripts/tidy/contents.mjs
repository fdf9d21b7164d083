// Rules about one file at a time: header, stray console output, skipped tests, paths of one machine.

const product = /^(engine|extension|webview)\//;

export function contents(files) {
  return files.flatMap(({ path, text }) => {
    const found = [];
    if (/\.(ts|mts|mjs)$/.test(path) && !/\.(d|test)\.ts$/.test(path) && !text.startsWith('// '))
      found.push(`${path}: does not start with a comment that says what it is`);
    if (product.test(path) && /\bconsole\s*\.\s*(log|info|debug|table)\s*\(/.test(text))
      found.push(`${path}: writes to stdout by console; use the log`);
    if (
      /\.test\.ts$/.test(path) &&
      /\b(describe|it|test|suite)\s*\.\s*(only|skip|todo|fails)\b(?!If)/.test(text)
    )
      found.push(`${path}: has a focused, skipped or unwritten test`);
    if (/(^|['"`\s(=])(\/home\/\w|\/Users\/\w|\/root\/|\/work\/|\/tmp\/w\/|[A-Z]:\\\\Users)/m.test(text))
      found.push(`${path}: names a path of one machine`);
    if (product.test(path) && /\b(TODO|FIXME|XXX)\b/.test(text))
      found.push(`${path}: has an unfinished part`);
    if (/\.(ts|mjs|wgsl)$/.test(path) && !/^[a-z0-9_./]+$/.test(path))
      found.push(`${path}: file names are snake_case`);
    return found;
  });
}
