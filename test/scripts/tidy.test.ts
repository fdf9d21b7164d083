import { expect, test } from 'vitest';
import { borders } from '../../scripts/tidy/borders.mjs';
import { contents } from '../../scripts/tidy/contents.mjs';
import { documentFaults } from '../../scripts/tidy/documents.mjs';
import { kernels } from '../../scripts/tidy/kernels.mjs';

const file = (
  path: string,
  imports: { target: string; typeOnly?: boolean }[] = [],
  text = '// Says what it is.\n',
) => ({
  path,
  text,
  imports: imports.map(({ target, typeOnly = false }) => ({ target, typeOnly })),
});

test('a room of the engine imports only what it may', () => {
  expect(borders([file('engine/service/chat.ts', [{ target: 'engine/prompt/chat.ts' }])])).toEqual([]);
  expect(borders([file('engine/gpu/device.ts', [{ target: 'engine/model/load.ts' }])])).toHaveLength(1);
  expect(borders([file('engine/model/load.ts', [{ target: 'engine/tokenizer/bpe.ts' }])])).toHaveLength(1);
  expect(borders([file('engine/generate/a.ts', [{ target: 'engine/model/load.ts' }])])).toHaveLength(1);
  expect(borders([file('engine/model/config/a.ts', [{ target: 'engine/model/load.ts' }])])).toHaveLength(1);
});

test('the page and the extension know only the contracts, and the extension what it decides as the engine does', () => {
  expect(borders([file('extension/chat/panel.ts', [{ target: 'webview/protocol.ts' }])])).toEqual([]);
  expect(borders([file('extension/chat/panel.ts', [{ target: 'engine/shared/files/walk.ts' }])])).toEqual([]);
  expect(borders([file('engine/shared/files/walk.ts', [{ target: 'engine/gpu/device.ts' }])])).toHaveLength(
    1,
  );
  expect(borders([file('extension/chat/panel.ts', [{ target: 'webview/store.ts' }])])).toHaveLength(1);
  expect(borders([file('extension/chat/panel.ts', [{ target: 'engine/gpu/device.ts' }])])).toHaveLength(1);
  expect(
    borders([file('webview/main.ts', [{ target: 'engine/protocol/chat.ts', typeOnly: true }])]),
  ).toHaveLength(1);
});

test('a room of the extension imports only what it may, types included', () => {
  const faultsOf = (path: string, target: string) =>
    borders([file(`extension/${path}.ts`, [{ target: `extension/${target}.ts`, typeOnly: true }])]);
  for (const [path, target] of [
    ['models/transfer/fetch_file', 'models/hub/hub'],
    ['models/fit/gguf_head', 'models/gguf_magic'],
    ['models/library', 'models/transfer/downloads'],
    ['models/page/page', 'models/library'],
    ['models/wiring', 'link/probe'],
    ['link/probe', 'known_device'],
    ['extension', 'models/wiring'],
  ] as const)
    expect(faultsOf(path, target)).toEqual([]);
  for (const [path, target] of [
    ['models/hub/hub', 'models/transfer/hash'],
    ['models/transfer/transfer', 'models/fit/advice'],
    ['models/fit/advice', 'models/hub/hub'],
    ['models/transfer/downloads', 'models/library'],
    ['models/library', 'models/page/page'],
    ['models/library', 'models/wiring'],
    ['models/page/page', 'link/supervisor'],
    ['link/probe', 'models/added_models'],
  ] as const)
    expect(faultsOf(path, target)).toEqual([
      expect.stringMatching(/^extension\/(models|link)\/.* may not import extension\//),
    ]);
});

test('a conversation knows nothing of the page', () => {
  const page = [{ target: 'webview/protocol.ts', typeOnly: true }];
  expect(borders([file('extension/chat/views.ts', page)])).toEqual([]);
  expect(borders([file('extension/chat/conversation.ts', page)])).toHaveLength(1);
});

test('errors cross the wire in one place on either side', () => {
  const text = (name: string) => `// Says what it is.\n${name}(error);\n`;
  expect(borders([file('extension/link/client.ts', [], text('fromWire'))])).toEqual([]);
  expect(borders([file('extension/notify.ts', [], text('fromWire'))])).toHaveLength(1);
  expect(borders([file('engine/service/answer.ts', [], text('toWire'))])).toHaveLength(1);
});

test('only the files that know the editor import it at run time', () => {
  const editor = [{ target: 'vscode' }];
  expect(borders([file('extension/chat/panel.ts', editor)])).toEqual([]);
  expect(borders([file('extension/chat/session.ts', editor)])).toHaveLength(1);
  expect(borders([file('extension/chat/editor_state.ts', editor)])).toHaveLength(1);
  expect(borders([file('extension/chat/session.ts', [{ target: 'vscode', typeOnly: true }])])).toEqual([]);
});

test('a ring of imports is found, also one of types alone', () => {
  const ring = (typeOnly: boolean) => [
    file('engine/gpu/a.ts', [{ target: 'engine/gpu/b.ts' }]),
    file('engine/gpu/b.ts', [{ target: 'engine/gpu/a.ts', typeOnly }]),
  ];
  const cycle = ['a cycle of imports: engine/gpu/a.ts > engine/gpu/b.ts > engine/gpu/a.ts'];
  expect(borders(ring(false))).toEqual(cycle);
  // Types alone make a reader go round as well.
  expect(borders(ring(true))).toEqual(cycle);
});

test('a kernel without its partners is found', () => {
  const document = '`rms_norm`';
  expect(kernels([file('engine/kernels/rms_norm.wgsl')], document)).toHaveLength(3);
  const partners = [
    'engine/kernels/rms_norm.ts',
    'test/reference/rms_norm.ts',
    'test/engine/kernels/rms_norm.test.ts',
  ];
  expect(
    kernels([file('engine/kernels/rms_norm.wgsl'), ...partners.map(path => file(path))], document),
  ).toEqual([]);
});

test('a kernel, or a piece of one, that docs/KERNELS.md does not name is found', () => {
  const pieces = ['formats/q8_0', 'variants/team', 'fusions/add_matvec'].map(name =>
    file(`engine/kernels/${name}.wgsl`),
  );
  expect(kernels(pieces, '`Q8_0`, `variants/team` and `add_matvec`')).toEqual([]);
  expect(kernels(pieces, 'q8_0, `variants/shuffle` and `gated_add_matvec`')).toHaveLength(3);
});

test.for([
  ['a file without a header', 'engine/a.ts', 'export const a = 1;\n'],
  ['output to stdout', 'extension/a.ts', '// A.\nconsole' + '.log(1);\n'],
  ['a focused test', 'test/a.test.ts', 'test' + ".only('x', () => {});\n"],
  ['a path of one machine', 'scripts/a.mjs', "// A.\nconst a = '/home" + "/me/x';\n"],
  ['a name in another case', 'engine/someFile.ts', '// A.\n'],
  ['a literal that is spread', 'engine/a.ts', `// A.\nconst a = {\n  ${'...'}{ b, c },\n};\n`],
] as const)('%s is found', ([, path, text]) => {
  expect(contents([file(path, [], text)])).toHaveLength(1);
});

test('a comment that cites a document or a section that does not exist is found', () => {
  const read = (name: string) =>
    name === 'MODEL.md' ? '# The model\n\n## 6 Gated DeltaNet\n\n### 6.2 Convolution\n' : undefined;
  // Put together here, so that this file cites nothing itself.
  const model = 'docs/MODEL' + '.md';
  const faultsOf = (comment: string) =>
    contents([file('engine/a.ts', [], `// Says what it is (${comment}).\n`)], read);
  expect(faultsOf(model)).toEqual([]);
  expect(faultsOf(`${model} 6.2`)).toEqual([]);
  expect(faultsOf(`${model} 6, 6.2`)).toEqual([]);
  expect(faultsOf(`${model} 6.2, in three taps`)).toEqual([]);
  expect(faultsOf(`${model} 6.3`)).toEqual([
    `engine/a.ts: cites ${model} 6.3, a section that does not exist`,
  ]);
  expect(faultsOf(`${model}\n// 6.3`)).toHaveLength(1);
  expect(faultsOf(`${model} 6.2 to 6.4, 7`)).toHaveLength(2);
  expect(faultsOf('docs/NOWHERE' + '.md')).toEqual([
    'engine/a.ts: cites docs/NOWHERE' + '.md, which does not exist',
  ]);
});

test('a file or folder that a document names and that is not there is found', () => {
  const files = [file('engine/gpu/device.ts'), file('engine/kernels/variants/team.wgsl')];
  const text =
    '`gpu/device.ts`, `device.ts`, `variants/team.wgsl`, `engine/gpu/` and `config.json`, but `engine/cpu/` and `gpu/old.ts`';
  expect(documentFaults(files, [{ path: 'KERNELS.md', text }])).toEqual([
    'KERNELS.md: names `engine/cpu/`, which is not there',
    'KERNELS.md: names `gpu/old.ts`, which is not there',
  ]);
});
