// Who may import whom (docs/ARCHITECTURE.md): programs, layers of the engine, the files that know the editor, no cycles.

/** A folder of the engine imports its own files and lower levels. Those on one level do not know each other. */
const levels = [
  ['protocol'],
  ['policy', 'gpu'],
  ['kernels', 'checkpoint'],
  ['model', 'tokenizer'],
  ['tuning'],
  ['generate', 'prompt', 'workspace'],
  ['rpc', 'cli'],
  ['main.ts'],
];

/** Joined by their owners on purpose: a level may need one thing of a neighbour. */
const neighbours = new Set(['cli>rpc', 'kernels>checkpoint']);

/** The only files that import `vscode` at run time; all others run in a plain Node test. */
const editorFiles = new Set(
  [
    ...['extension', 'commands', 'config', 'log', 'model_dialogs', 'notify', 'reactions', 'status'],
    ...[
      'chat/editor_actions',
      'chat/editor_state',
      'chat/panel',
      'completion/provider',
      'workspace/crawler',
      'workspace/watcher',
    ],
  ].map(name => `extension/${name}.ts`),
);

export function borders(files) {
  return [...files.flatMap(file => file.imports.flatMap(one => faultOf(file.path, one))), ...cycles(files)];
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
  if (
    program === 'extension' &&
    !/^(extension\/|engine\/(protocol|policy)\/|webview\/protocol\.ts$)/.test(target)
  )
    return fault('the extension knows only the two contracts and engine/policy');
  if (program !== 'engine') return [];
  if (!target.startsWith('engine/')) return fault('the engine imports only itself');
  const [from, to] = [path.split('/')[1], target.split('/')[1]];
  if (from === to || neighbours.has(`${from}>${to}`)) return [];
  return levelOf(to) < levelOf(from) ? [] : fault(`engine/${from} is not above engine/${to}`);
}

function levelOf(folder) {
  const level = levels.findIndex(names => names.includes(folder));
  return level < 0 ? Infinity : level;
}

/** Files that need each other in a ring at run time; a pair of types may name each other. */
function cycles(files) {
  const graph = new Map(
    files.map(({ path, imports }) => [
      path,
      imports.filter(({ typeOnly }) => !typeOnly).map(({ target }) => target),
    ]),
  );
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
