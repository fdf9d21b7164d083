// Puts together what comes with questions: the draft of the next one, and the names that can be looked up for it.
import { window, workspace, type ExtensionContext } from 'vscode';
import type { PlaceKind, PlaceView } from '../../webview/protocol.ts';
import { DisposableStore, type Disposable } from '../dispose.ts';
import type { Config } from '../config.ts';
import type { EngineSupervisor } from '../link/supervisor.ts';
import type { Log } from '../log.ts';
import { activeFile } from '../prompts/editor_files.ts';
import type { Expanded } from '../prompts/expanded.ts';
import { withEditor } from './collect.ts';
import { Draft } from './draft.ts';
import { editorContext, editorPlaces, openPlace, type EditorContextDeps } from './editor_context.ts';
import { EditorChip } from './editor_chip.ts';
import { Places } from './places.ts';
import type { TokenCounts } from './token_counts.ts';
import { Terminals } from './terminals.ts';

export interface ContextDeps extends Omit<EditorContextDeps, 'terminals'> {
  context: Pick<ExtensionContext, 'workspaceState'>;
  config: Pick<Config, 'settings' | 'onDidChange'>;
  engine: Pick<EngineSupervisor, 'state' | 'onDidChangeState'>;
  counts: TokenCounts;
  log: Log;
}
export interface MessageContext extends Disposable {
  draft: Draft;
  findPlaces(kind: PlaceKind, query: string): Promise<PlaceView[]>;
  /** What goes with a message: all that is attached as it is now. Throws for what cannot be sent, and nothing is lost. */
  collect(
    expanded: Expanded,
    branch: Parameters<typeof withEditor>[3],
  ): Promise<ReturnType<typeof withEditor> & { ids: string[] }>;
  /** Shows what is attached under an id where it comes from. */
  open(attachmentId: string): Promise<void>;
}

/** The editor moves its cursor more often than anybody needs to be told. */
const quietMs = 150;
const storedAs = 'hearth.draft';

/** Everything of this folder, until it is disposed. */
export function createContext({
  context,
  config,
  engine,
  counts,
  crawler,
  pathOf,
  log,
}: ContextDeps): MessageContext {
  const store = new DisposableStore();
  const terminals = store.add(new Terminals());
  const contextTokens = (): number =>
    engine.state.kind === 'ready' ? engine.state.model.contextTokensMax : 0;
  const editor = new EditorChip({
    activeFile: () => activeFile(pathOf),
    isTrusted: () => workspace.isTrusted,
    isWanted: () => config.settings['chat.attachActiveEditor'],
    contextTokens,
  });
  let model = '';
  store.add(
    engine.onDidChangeState(state => {
      if (state.kind !== 'ready' || state.model.path === model) return;
      model = state.model.path;
      counts.forget();
    }),
  );
  const draft = store.add(
    new Draft({
      counts,
      sources: editorContext({ crawler, terminals, pathOf }),
      editor,
      vision: () =>
        engine.state.kind !== 'ready' ? 'unknown' : engine.state.model.textOnly ? 'unusedVision' : 'noVision',
      stored: {
        get: () => context.workspaceState.get<unknown>(storedAs),
        set: async value => context.workspaceState.update(storedAs, value),
      },
      warn: message => log.warn(message),
    }),
  );
  const places = new Places(editorPlaces({ crawler, pathOf }));
  let timer: NodeJS.Timeout | undefined;
  const refresh = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => editor.refresh(), quietMs);
  };
  store.add({ dispose: () => clearTimeout(timer) });
  store.add(window.onDidChangeActiveTextEditor(refresh));
  store.add(window.onDidChangeTextEditorSelection(refresh));
  store.add(
    workspace.onDidChangeTextDocument(({ document }) => {
      if (document === window.activeTextEditor?.document) refresh();
    }),
  );
  store.add(workspace.onDidGrantWorkspaceTrust(refresh));
  store.add(config.onDidChange(({ affects }) => affects('chat.attachActiveEditor') && refresh()));
  return {
    draft,
    findPlaces: (kind, query) => places.find(kind, query),
    collect: async (expanded, branch) => {
      const read = await draft.collect();
      const ids = read.map(({ id }) => id);
      return { ...withEditor(read, editor.read(), expanded, branch), ids };
    },
    open: async id => {
      const attachment = draft.find(id);
      if (attachment && attachment.uri !== '') await openPlace(attachment.uri, attachment.range);
    },
    dispose: () => store.dispose(),
  };
}
