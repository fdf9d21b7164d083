// Puts together what comes with questions: the draft of the next one, and the names that can be looked up for it.
import { window, workspace, type ExtensionContext } from 'vscode';
import type { PlaceKind, PlaceView } from '../../webview/protocol.ts';
import { DisposableStore, type Disposable } from '../dispose.ts';
import type { EngineSupervisor } from '../link/supervisor.ts';
import type { Log } from '../log.ts';
import { activeFile } from '../prompts/editor_files.ts';
import type { Expanded } from '../prompts/expanded.ts';
import { withEditor } from './collect.ts';
import { Draft } from './draft.ts';
import { editorContext, editorPlaces, openPlace, type EditorContextDeps } from './editor_context.ts';
import { EditorChip } from './editor_chip.ts';
import { Places } from './places.ts';
import { Terminals } from './terminals.ts';

export interface ContextDeps extends Omit<EditorContextDeps, 'terminals'> {
  context: Pick<ExtensionContext, 'workspaceState'>;
  engine: Pick<EngineSupervisor, 'state'>;
  log: Log;
}
export interface MessageContext extends Disposable {
  draft: Draft;
  findPlaces(kind: PlaceKind, query: string): Promise<PlaceView[]>;
  /** What goes with a message: all that is attached as it is now. Throws for what cannot be sent, and nothing is lost. */
  collect(
    expanded: Expanded,
    branch: Parameters<typeof withEditor>[3],
  ): Promise<ReturnType<typeof withEditor>>;
  /** Shows what is attached under an id where it comes from. */
  open(attachmentId: string): Promise<void>;
}

/** The editor moves its cursor more often than anybody needs to be told. */
const quietMs = 150;
const storedAs = 'hearth.draft';

/** Everything of this folder, until it is disposed. */
export function createContext({ context, engine, crawler, pathOf, log }: ContextDeps): MessageContext {
  const store = new DisposableStore();
  const terminals = store.add(new Terminals());
  const contextTokens = (): number =>
    engine.state.kind === 'ready' ? engine.state.model.contextTokensMax : 0;
  const editor = new EditorChip({
    activeFile: () => activeFile(pathOf),
    isTrusted: () => workspace.isTrusted,
    contextTokens,
  });
  const draft = store.add(
    new Draft({
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
  return {
    draft,
    findPlaces: (kind, query) => places.find(kind, query),
    collect: async (expanded, branch) => withEditor(await draft.collect(), editor.read(), expanded, branch),
    open: async id => {
      const attachment = draft.find(id);
      if (attachment && attachment.uri !== '') await openPlace(attachment.uri, attachment.range);
    },
    dispose: () => store.dispose(),
  };
}
