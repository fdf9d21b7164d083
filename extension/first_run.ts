// The first start ever: Hearth shows its panel and its walkthrough once, so that a new user finds them. It waits for the
// window that is in use, takes the cursor from nowhere, and never does it again. Types of vscode only.
import type { Event } from 'vscode';
import { DisposableStore, type Disposable } from './dispose.ts';
import type { Log } from './log.ts';

const key = 'hearth.firstRunDone';
const walkthrough = 'hearth.hearth#start';

/** What decides whether Hearth opens by itself. */
export interface FirstRunFacts {
  /** Another start, or another window, has had its first run. */
  isDone: boolean;
  /** By the editor's own settings for what opens by itself. */
  isWanted: boolean;
  /** There is a conversation: whoever had it knows where Hearth is. */
  isKnown: boolean;
  /** The window is in use; of all windows one at most is. */
  isFocused: boolean;
}
export interface FirstRunDeps {
  globalState: { get(key: string): unknown; update(key: string, value: unknown): PromiseLike<void> };
  window: {
    readonly state: { readonly focused: boolean };
    readonly onDidChangeWindowState: Event<unknown>;
  };
  execute(command: string, ...args: unknown[]): PromiseLike<unknown>;
  isWanted(): boolean;
  isKnown(): boolean;
  log: Log;
}

/** `open` and `remember` end the first run for good; `wait` asks again when the window comes into use. */
export function firstRunStep(facts: FirstRunFacts): 'nothing' | 'remember' | 'wait' | 'open' {
  if (facts.isDone) return 'nothing';
  if (!facts.isWanted || facts.isKnown) return 'remember';
  return facts.isFocused ? 'open' : 'wait';
}

/** Opens panel and walkthrough when this is the first start; waits for the window until disposed. */
export function openOnFirstRun(deps: FirstRunDeps): Disposable {
  const { globalState, window, log } = deps;
  const store = new DisposableStore();
  const step = async (): Promise<void> => {
    const next = firstRunStep({
      isDone: globalState.get(key) === true,
      isWanted: deps.isWanted(),
      isKnown: deps.isKnown(),
      isFocused: window.state.focused,
    });
    if (next === 'wait') return;
    store.dispose();
    if (next === 'nothing') return;
    await globalState.update(key, true);
    if (next === 'open') await open(deps);
  };
  const tryStep = (): void =>
    void step().catch((error: unknown) => log.warn(`First start: ${String(error)}`));
  store.add(window.onDidChangeWindowState(tryStep));
  tryStep();
  return store;
}

async function open({ execute }: FirstRunDeps): Promise<void> {
  await execute('workbench.action.openWalkthrough', walkthrough, { inactive: true });
  await execute('hearth.chat.focus', { preserveFocus: true });
}
