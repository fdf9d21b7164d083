// Who may import whom (docs/ARCHITECTURE.md): programs, rooms of the engine, the files that know the editor, no cycles.

/**
 * What each room of the engine may import beside itself. Everything may import `engine/protocol`; a room that is not named here
 * may import nothing of the engine.
 */
const mayImport = {
  protocol: [],
  'shared/files': [],
  'shared/names': [],
  'shared/outline': [],
  'shared/completion': ['shared/outline'],
  'shared/architecture': [],
  'shared/prediction': [],
  language_model: [],
  gpu: ['shared/prediction'],
  checkpoint: ['shared/architecture'],
  kernels: ['gpu', 'checkpoint', 'shared/architecture', 'shared/prediction'],
  tokenizer: ['checkpoint'],
  'model/config': ['shared/architecture', 'checkpoint'],
  'model/weights': ['model/config', 'kernels', 'gpu', 'checkpoint'],
  'model/sequence': [
    'shared/architecture',
    'model/weights',
    'model/config',
    'language_model',
    'kernels',
    'gpu',
  ],
  'model/layers': [
    'shared/architecture',
    'model/sequence',
    'model/weights',
    'model/config',
    'kernels',
    'gpu',
  ],
  model: [
    'shared/architecture',
    'model/layers',
    'model/sequence',
    'model/weights',
    'model/config',
    'language_model',
    'kernels',
    'gpu',
    'checkpoint',
  ],
  tuning: ['shared/caches', 'model', 'model/layers', 'model/sequence', 'model/weights', 'kernels', 'gpu'],
  check: ['shared/caches', 'tuning', 'model', 'model/weights', 'kernels', 'gpu', 'checkpoint'],
  prediction: ['model', 'gpu', 'checkpoint', 'shared/architecture', 'shared/prediction'],
  generate: ['language_model', 'tokenizer'],
  kept: ['language_model', 'shared/caches'],
  prompt: ['tokenizer'],
  workspace: ['prompt', 'shared/files', 'shared/names', 'shared/outline'],
  service: [
    'shared/caches',
    'generate',
    'kept',
    'prompt',
    'workspace',
    'tokenizer',
    'tuning',
    'check',
    'model',
    'language_model',
    'checkpoint',
    'gpu',
  ],
  rpc: ['service'],
  cli: 'everything',
  'main.ts': ['cli', 'rpc', 'service', 'kept', 'shared/caches'],
};

/**
 * What a room of the extension may import of the other rooms named here, types included. Files in `extension/` itself may be
 * imported by all. A file that is named here is a room of its own.
 */
const extensionMayImport = {
  link: [],
  edit: [],
  paths: [],
  prompts: ['link'],
  context: ['link', 'prompts'],
  chat: ['link', 'prompts', 'edit', 'context', 'paths', 'models/page'],
  'models/format_bytes.ts': [],
  'models/errors.ts': ['models/format_bytes.ts'],
  'models/gguf_magic.ts': ['models/errors.ts'],
  'models/hub': ['models/errors.ts'],
  'models/transfer': ['models/hub', 'models/gguf_magic.ts', 'models/errors.ts'],
  'models/fit': ['models/format_bytes.ts', 'models/gguf_magic.ts'],
  models: ['models/fit', 'models/transfer', 'models/hub', 'models/gguf_magic.ts', 'models/errors.ts'],
  'models/page': ['models', 'models/fit', 'models/transfer', 'models/format_bytes.ts', 'models/errors.ts'],
  'models/wiring.ts': ['link', 'models', 'models/fit', 'models/page'],
};

/** The only files that import `vscode` at run time; all others run in a plain Node test. */
const editorFiles = new Set(
  [
    'extension',
    'choose_gpu',
    'commands',
    'config',
    'language_name',
    'log',
    'model_dialogs',
    'notify',
    'open_settings',
    'status',
    'watch_folder_settings',
    'chat/diagram_preview',
    'chat/chat_place',
    'chat/chat_tabs',
    'chat/editor_actions',
    'chat/history_actions',
    'chat/panel',
    'completion/provider',
    'completion/why_list',
    'context/editor_context',
    'context/register',
    'context/terminals',
    'edit/apply',
    'edit/documents',
    'edit/editor_files',
    'edit/inline_edit',
    'edit/insert',
    'edit/new_file',
    'edit/register',
    'edit/review_lenses',
    'edit/review_look',
    'edit/reviews',
    'edit/terminal',
    'paths/editor_places',
    'paths/notebook_place',
    'paths/register',
    'prompts/code_actions',
    'prompts/commit_message',
    'prompts/editor_files',
    'prompts/editor_sources',
    'prompts/git',
    'prompts/prompt_folders',
    'symbols/register',
    'workspace/crawler',
    'workspace/map/map_view',
    'workspace/watcher',
  ].map(name => `extension/${name}.ts`),
);

/** Only here is an error made into one of the wire, or back. */
const wireErrors = { toWire: 'engine/rpc/server.ts', fromWire: 'extension/link/client.ts' };

/** A conversation and what works on it know nothing of how it is shown. */
const pageless = /^extension\/chat\/(conversations?|branches|answer|session|history\/\w+)\.ts$/;

export function borders(files) {
  return [
    ...files.flatMap(file => file.imports.flatMap(one => faultOf(file.path, one))),
    ...files.flatMap(wireFaults),
    ...cycles(files),
  ];
}

function wireFaults({ path, text }) {
  if (!/^(engine|extension)\//.test(path) || path === 'engine/protocol/errors.ts') return [];
  return Object.entries(wireErrors)
    .filter(([name, owner]) => path !== owner && new RegExp(`\\b${name}\\(`).test(text))
    .map(([name, owner]) => `${path}: calls ${name}; only ${owner} does`);
}

function faultOf(path, { target, typeOnly }) {
  const program = path.split('/')[0];
  const fault = why => [`${path}: imports ${target}; ${why}`];
  if (program === 'test' || program === 'scripts') return [];
  if (target.startsWith('test/')) return fault('nothing imports tests');
  if (target === 'vscode' && !typeOnly && program === 'extension' && !editorFiles.has(path))
    return fault('it is not one of the files that know the editor (scripts/tidy/borders.mjs)');
  const isOurs = /^(engine|extension|webview)\//.test(target);
  if (!isOurs) return [];
  if (program === 'webview' && !target.startsWith('webview/')) return fault('the page imports only itself');
  if (path === 'webview/protocol.ts') return fault('the contract imports nothing');
  if (pageless.test(path) && target.startsWith('webview/'))
    return fault('a conversation does not know how it is shown (extension/chat/views.ts does)');
  if (
    program === 'extension' &&
    !/^(extension\/|engine\/(protocol|shared)\/|webview\/protocol\.ts$)/.test(target)
  )
    return fault('the extension knows only the two contracts and engine/shared');
  if (program === 'extension') {
    const [from, to] = [extensionRoomOf(path), extensionRoomOf(target)];
    const allowed = extensionMayImport[from];
    if (!allowed || from === to || !(to in extensionMayImport) || allowed.includes(to)) return [];
    return fault(`extension/${from} may not import extension/${to} (scripts/tidy/borders.mjs)`);
  }
  if (program !== 'engine') return [];
  if (!target.startsWith('engine/')) return fault('the engine imports only itself');
  const [from, to] = [roomOf(path), roomOf(target)];
  const allowed = mayImport[from] ?? [];
  if (from === to || to === 'protocol' || allowed === 'everything' || allowed.includes(to)) return [];
  return fault(`engine/${from} may not import engine/${to} (docs/ARCHITECTURE.md)`);
}

/** The room that a file of the engine lies in: `shared` and `model` have rooms of their own inside. */
function roomOf(path) {
  const [, folder, inner] = path.split('/');
  const isFile = inner === undefined || inner.includes('.');
  return (folder === 'model' || folder === 'shared') && !isFile ? `${folder}/${inner}` : folder;
}

/** The room that a file of the extension lies in: itself where it is named, else its folder. */
function extensionRoomOf(path) {
  const inside = path.slice('extension/'.length);
  return inside in extensionMayImport ? inside : inside.slice(0, inside.lastIndexOf('/'));
}

/** Files that need each other in a ring, if only for their types: none of them can be read before the others. */
function cycles(files) {
  const graph = new Map(files.map(({ path, imports }) => [path, imports.map(({ target }) => target)]));
  const found = [];
  const done = new Set();
  const visit = (path, trail) => {
    if (trail.includes(path))
      return void found.push(
        `a cycle of imports: ${[...trail.slice(trail.indexOf(path)), path].join(' > ')}`,
      );
    if (done.has(path) || !graph.has(path)) return;
    for (const target of graph.get(path)) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return found;
}
