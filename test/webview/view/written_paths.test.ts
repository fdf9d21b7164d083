import { describe, expect, test } from 'vitest';
import {
  pathOfAddress,
  pathOfCode,
  pathsInText,
  type WrittenPath,
} from '../../../webview/view/written_paths.ts';

/** "path @line:column-endLine", and "?" behind it when it is not sure that a file is meant. */
function said({ path, line, column, endLine, sure }: WrittenPath): string {
  const lines =
    line === undefined ? '' : ` @${line}${column ? `:${column}` : ''}${endLine ? `-${endLine}` : ''}`;
  return `${path}${lines}${sure ? '' : ' ?'}`;
}

describe('in plain text', () => {
  test.each<[string, ...string[]]>([
    ['See src/order.ts.', 'src/order.ts'],
    ['In src/order.ts:9, there', 'src/order.ts @9'],
    ['(src/order.ts:9-12)', 'src/order.ts @9-12'],
    ['src/order.ts:9:5: error', 'src/order.ts @9:5'],
    ['src/order.ts(12,5): error', 'src/order.ts @12:5'],
    ['src/order.ts#L9', 'src/order.ts @9'],
    ['src/order.ts#L9-L12', 'src/order.ts @9-12'],
    ['src/order.ts#L9C1-L12C3', 'src/order.ts @9-12'],
    ['src/order.ts:L9', 'src/order.ts @9'],
    ['src/order.ts (line 10)', 'src/order.ts @10'],
    ['(src/order.ts line 10)', 'src/order.ts @10'],
    ['src/order.ts, lines 10-20', 'src/order.ts @10-20'],
    ['src/order.ts (lines 5 to 9)', 'src/order.ts @5-9'],
    ['in src/order.ts on line 10.', 'src/order.ts @10'],
    ['in src/order.ts (Zeilen 5 bis 9)', 'src/order.ts @5-9'],
    ['src/order.ts:10.5', 'src/order.ts'],
    ['src/order.ts:10s', 'src/order.ts'],
    ['src/order.ts:0', 'src/order.ts'],
    ['src/order.ts: 5 things', 'src/order.ts'],
    ['order.ts:9', 'order.ts @9'],
    ['order.ts', 'order.ts ?'],
    ['src\\order.ts:9', 'src\\order.ts @9'],
    ['C:\\code\\me\\a.ts:10', 'C:\\code\\me\\a.ts @10'],
    ['/src/a.ts', '/src/a.ts'],
    ['./src/a.ts', './src/a.ts'],
    ['src/a.ts,src/b.ts;src/c.ts', 'src/a.ts', 'src/b.ts', 'src/c.ts'],
    ['src/a.ts → src/b.ts', 'src/a.ts', 'src/b.ts'],
    ['"src/a.ts" and ‘src/b.ts’', 'src/a.ts', 'src/b.ts'],
    ['src/a.ts’s end', 'src/a.ts'],
    ['파일 src/order.ts에서', 'src/order.ts'],
    ['在src/order.ts中', 'src/order.ts'],
    ['Größe/maß.ts', 'Größe/maß.ts'],
    ['app/[id]/page.tsx', 'app/[id]/page.tsx'],
    ['.github/workflows/ci.yml', '.github/workflows/ci.yml'],
    ['the .gitignore', '.gitignore ?'],
    ['dist/esm/operation-node/stock.js', 'dist/esm/operation-node/stock.js'],
    ['load(src/a.ts)', 'src/a.ts'],
    ['@scope/pkg/index.js', '@scope/pkg/index.js ?'],
    ['path/to/file.ts', 'path/to/file.ts ?'],
    ['src/your_file.ts', 'src/your_file.ts ?'],
    ['example.com/a.html', 'example.com/a.html ?'],
    ['Node.js', 'Node.js ?'],
    ['src/', 'src/ ?'],
    ['/etc/passwd', '/etc/passwd ?'],
    ['a/b', 'a/b ?'],
    ['and/or', 'and/or ?'],
    ['text/html', 'text/html ?'],
    ['src/...', 'src/ ?'],
    ['https://example.com/a/b.ts:9'],
    ['git+ssh://host/a/b.ts'],
    ['1.2.3, v1.2.3 and 10.0.0.1:8080'],
    ['node@18.0.0'],
    ['e.g. this, i.e. that, etc.'],
    ['1/2 or 3.5/4.0'],
    ['console.log, os.path and Math.max'],
    ['at 12:30'],
    ['localhost:3000/x.js'],
    ['me@example.com'],
    ['../up/a.ts'],
    ['src/../a.ts'],
    ['src/.../a.ts'],
    ['~/x/a.ts'],
    ['src/**/*.ts and *.test.ts'],
    ['src/{a,b}.ts'],
    ['<src/a.ts>'],
    ['order.ts()'],
    ['no path at all'],
    ['x'.repeat(400).concat('/a.ts')],
    ['src/a.ts '.repeat(3_000)],
  ])('%s', (text, ...paths) => {
    const found = pathsInText(text);
    expect(found.map(said)).toEqual(paths);
  });

  test('a place holds the lines, but not the bracket around it', () => {
    const piece = (text: string) => pathsInText(text).map(({ start, end }) => text.slice(start, end));
    expect(piece('See src/a.ts:3-4, then (src/b.ts line 5).')).toEqual(['src/a.ts:3-4', 'src/b.ts line 5']);
    expect(piece('src/a.ts (line 3) and b.ts.')).toEqual(['src/a.ts (line 3)', 'b.ts']);
  });

  test('a long run of letters is read once', () => {
    expect(pathsInText(`${'a/'.repeat(9_000)} ${'.'.repeat(1_000)}`)).toEqual([]);
  });
});

describe('in a span of code', () => {
  test.each<[string, string?]>([
    ['src/order.ts', 'src/order.ts'],
    ['src/order.ts:9:5', 'src/order.ts @9:5'],
    ['src/order.ts#L9-L12', 'src/order.ts @9-12'],
    ['order.ts', 'order.ts'],
    ['index.d.ts', 'index.d.ts'],
    ['my folder/a b.ts:3', 'my folder/a b.ts @3 ?'],
    ['my file #2 %20.ts', 'my file #2 %20.ts ?'],
    ['C:\\x y\\a.ts:4', 'C:\\x y\\a.ts @4 ?'],
    ['app/(group)/page.tsx', 'app/(group)/page.tsx'],
    ['cat src/a.ts', 'cat src/a.ts ?'],
    ['Makefile', 'Makefile ?'],
    ['.gitignore', '.gitignore ?'],
    ['src/', 'src/ ?'],
    ['./order', './order ?'],
    ['main.c', 'main.c ?'],
    ['main.c:3', 'main.c @3'],
    ['src/main.c', 'src/main.c'],
    ['res.json', 'res.json ?'],
    ['Node.js', 'Node.js ?'],
    ['d.ts', 'd.ts ?'],
    ['your_file.py', 'your_file.py ?'],
    ['npm run build'],
    ['Math.max'],
    ['console.log'],
    ['process.env'],
    ['user.name'],
    ['foo()'],
    ['foo(a/b)'],
    ['1.2.3'],
    ['../a.ts'],
    ['src/**/*.ts'],
    ['<name>.ts'],
    ['{name}.ts'],
    ["import './a.ts'"],
    ['https://example.com/a.ts'],
    ['a.ts\nb.ts'],
  ])('%s', (code, path) => {
    const found = pathOfCode(code);
    expect(found && said(found)).toBe(path);
  });
});

describe('as the address of a link', () => {
  test.each<[string, string?]>([
    ['src/order.ts', 'src/order.ts'],
    ['src/order.ts#L9', 'src/order.ts @9'],
    ['src/order.ts#L9-L12', 'src/order.ts @9-12'],
    ['src/order.ts:9:5', 'src/order.ts @9:5'],
    ['my%20folder/%C3%A4.ts:3', 'my folder/ä.ts @3'],
    ['100%/a.ts', '100%/a.ts'],
    ['src%5Corder.ts', 'src\\order.ts'],
    ['docs/x.md#heading', 'docs/x.md'],
    ['file:///srv/a.ts#L3', '/srv/a.ts @3'],
    ['C:/x/a.ts', 'C:/x/a.ts'],
    ['example.com/page', 'example.com/page ?'],
    ['#top'],
    ['../a.md'],
    ['mailto:a@example.com'],
    ['javascript:alert(1)'],
    ['command:workbench.action.quit'],
    ['vscode:open'],
    ['//example.com/a.ts'],
    [''],
  ])('%s', (address, path) => {
    const found = pathOfAddress(address);
    expect(found && said(found)).toBe(path);
  });
});
