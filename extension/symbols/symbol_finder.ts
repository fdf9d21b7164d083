// Whether the names that answers write in spans of code are defined in the workspace, told by the engine's index, and only while it runs:
// nothing is started to look them up. No vscode.
import { CancellationToken } from 'vscode-jsonrpc/node';
import type { FoundSymbol } from '../../engine/protocol/workspace.ts';
import type { SymbolQuestion, SymbolView } from '../../webview/protocol.ts';
import type { EngineClient } from '../link/client.ts';
import type { EngineState } from '../link/engine_state.ts';

/** What stands around an answer. */
export interface AroundAnswer {
  /** Its question was about the workspace. */
  useWorkspace: boolean;
  /** Texts whose names are nobody's mistake: what the user wrote and attached, and code that was written in answers. */
  texts: readonly string[];
}
export interface SymbolFinderDeps {
  engine: {
    readonly state: Pick<EngineState, 'kind'>;
    whenReady(
      token: CancellationToken,
      options: { retryFailed: boolean },
    ): Promise<{ client: Pick<EngineClient, 'lookUpSymbols'>; process: number } | undefined>;
  };
  workspace: {
    /** The workspace by the name that this process of the engine knows; undefined when it knows none. */
    knownTo(process: number): string | undefined;
  };
}

export class SymbolFinder {
  constructor(private readonly deps: SymbolFinderDeps) {}

  /** What is known of each symbol of an answer. Never fails: what cannot be looked up is not known. */
  async lookUp(questions: readonly SymbolQuestion[], around: AroundAnswer): Promise<SymbolView[]> {
    const found = await this.#found(questions).catch(() => undefined);
    return questions.map(({ name, near }, i) => {
      const symbol = found?.[i];
      const view = symbol ? viewOf(symbol) : ({ name, kind: 'unknown' } as const);
      const isClaim = near && around.useWorkspace && !around.texts.some(text => text.includes(ownName(name)));
      return view.kind === 'missing' && !isClaim ? { name, kind: 'unknown' } : view;
    });
  }

  /** Where a symbol is defined, the best first; none where that is not known (any more). */
  async placesOf(name: string): Promise<FoundSymbol['places']> {
    const found = await this.#found([{ name, near: false }]);
    return found?.[0]?.places ?? [];
  }

  async #found(symbols: readonly SymbolQuestion[]): Promise<FoundSymbol[] | undefined> {
    const { engine, workspace } = this.deps;
    if (engine.state.kind !== 'ready') return undefined;
    const running = await engine.whenReady(CancellationToken.None, { retryFailed: false });
    const uri = running && workspace.knownTo(running.process);
    return uri === undefined
      ? undefined
      : running?.client.lookUpSymbols({ workspace: uri, symbols: [...symbols] });
  }
}

function viewOf({ name, kind, places, near }: FoundSymbol): SymbolView {
  const [first, ...others] = places;
  if (kind === 'missing') return { name, kind, near };
  if (kind !== 'defined' || !first) return { name, kind: 'unknown' };
  if (others.length > 0) return { name, kind, count: places.length };
  return { name, kind, place: { path: first.path, line: first.line } };
}

/** Without what it is a part of, and what it is called with. */
function ownName(name: string): string {
  return name
    .replace(/\(\)$/, '')
    .split(/\.|::|->|#/)
    .at(-1) as string;
}
