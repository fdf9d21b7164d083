// The symbols of answers put together: what is known of them, what opens them, and when that may have changed.
import { window } from 'vscode';
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import type { SymbolQuestion, SymbolView } from '../../webview/protocol.ts';
import { openSource } from '../chat/editor_actions.ts';
import { DisposableStore, type Disposable } from '../dispose.ts';
import { t } from '../l10n.ts';
import type { WorkspaceIngest } from '../workspace/ingest.ts';
import { symbolErrors } from './errors.ts';
import { SymbolFinder, type AroundAnswer, type SymbolFinderDeps } from './symbol_finder.ts';

export interface Symbols extends Disposable {
  lookUp(questions: readonly SymbolQuestion[], around: AroundAnswer): Promise<SymbolView[]>;
  /** Opens the definition of a symbol, the one that the user chooses where there are several; throws when there is none any more. */
  open(name: string): Promise<void>;
  /** The engine knows other files. */
  readonly onDidChange: Event<void>;
}

export function createSymbols({
  engine,
  workspace,
}: {
  engine: SymbolFinderDeps['engine'];
  workspace: WorkspaceIngest;
}): Symbols {
  const store = new DisposableStore();
  const changed = store.add(new Emitter<void>());
  const finder = new SymbolFinder({ engine, workspace });
  store.add(workspace.onDidChangeView(({ state }) => state === 'ready' && changed.fire()));
  return {
    lookUp: (questions, around) => finder.lookUp(questions, around),
    open: async name => {
      const places = await finder.placesOf(name);
      const place = places.length > 1 ? await chosen(name, places) : places[0];
      if (place) await openSource(place.uri, place.line, place.line);
      else if (places.length === 0) throw symbolErrors.notThere(name);
    },
    onDidChange: changed.event,
    dispose: () => store.dispose(),
  };
}

async function chosen<Place extends { path: string; line: number }>(
  name: string,
  places: readonly Place[],
): Promise<Place | undefined> {
  const items = places.map(place => ({ label: `${place.path}:${place.line}`, place }));
  return (await window.showQuickPick(items, { title: t('Which {0}?', name) }))?.place;
}
