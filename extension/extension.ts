// Entry of the extension: builds the parts in order and registers them; nothing else. The engine starts on first use.
import { languages, window, type ExtensionContext } from 'vscode';
import { chatSettings, chatStorage } from './chat/editor_state.ts';
import { ChatPanel, chatViewId } from './chat/panel.ts';
import { ChatSession } from './chat/session.ts';
import { registerCommands } from './commands.ts';
import { CompletionProvider, completionSelector } from './completion/provider.ts';
import { CompletionTrace } from './completion/trace.ts';
import { Config } from './config.ts';
import { superviseEngine } from './link/launch.ts';
import { openLog } from './log.ts';
import { showLoading } from './model_picker.ts';
import { notifyError, notifyWarning } from './notify.ts';
import { followChanges } from './reactions.ts';
import { showStatus } from './status.ts';
import { WorkspaceCrawler } from './workspace/crawler.ts';
import { WorkspaceIngest } from './workspace/ingest.ts';
import { watchWorkspace } from './workspace/watcher.ts';

let endEngine: (() => Promise<void>) | undefined;

/** Called by the editor once; what it returns is for tests. */
export function activate({ extensionPath, extensionUri, extension, workspaceState, subscriptions }: ExtensionContext): { enginePid(): number | undefined } {
  const log = openLog();
  const showError = (error: unknown): void => notifyError(error, log);
  const config = new Config((message) => notifyWarning(message, log));
  const { version } = extension.packageJSON as { version: string };
  const supervisor = superviseEngine({ extensionPath, extensionVersion: version, settings: () => config.settings, log });

  const crawler = new WorkspaceCrawler(config);
  const pathOf = crawler.pathOf.bind(crawler);
  const ingest = new WorkspaceIngest({ engine: supervisor, source: crawler, log });
  const watcher = watchWorkspace(pathOf, { onChanges: (changes) => ingest.change(changes), onRefresh: () => ingest.refresh() });

  const storage = chatStorage(workspaceState, log);
  const session = new ChatSession({ engine: supervisor, workspace: ingest, settings: () => chatSettings(config.settings), storage, showError });
  const panel = new ChatPanel({ extensionUri, session, supervisor, ingest, pathOf, log });
  const trace = new CompletionTrace();
  const provider = new CompletionProvider({ config, supervisor, trace, workspaceName: () => crawler.name(), pathOf, log });

  subscriptions.push(log, config, supervisor, ingest, watcher, session, panel, provider);
  subscriptions.push(window.registerWebviewViewProvider(chatViewId, panel));
  subscriptions.push(languages.registerInlineCompletionItemProvider(completionSelector, provider));
  subscriptions.push(...registerCommands({ config, log, supervisor, session, panel, provider, trace, ingest }));
  subscriptions.push(showStatus({ config, supervisor, session, ingest }));
  subscriptions.push(followChanges({ config, supervisor, ingest, showLoading: () => showLoading(supervisor), showError }));
  endEngine = () => {
    session.stop();
    return supervisor.stop();
  };
  return { enginePid: () => supervisor.pid };
}

/** The editor waits for this a few seconds: long enough to end the engine politely. */
export async function deactivate(): Promise<void> {
  await endEngine?.();
}
