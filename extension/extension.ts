// Entry of the extension: builds the parts in order and registers them; nothing else. The engine starts on first use.
import { commands, env, l10n, workspace as editor, type ExtensionContext } from 'vscode';
import { chatSettings, openConversations, thinkingChoice } from './chat/editor_state.ts';
import { registerBranchDocuments } from './chat/history_actions.ts';
import { lastAnswerOf } from './chat/last_answer.ts';
import { ChatPanel } from './chat/panel.ts';
import type { ChatSession } from './chat/session.ts';
import { registerCommands } from './commands.ts';
import { createGauge } from './context/gauge.ts';
import { createContext } from './context/register.ts';
import type { Draft } from './context/draft.ts';
import { CompletionProvider } from './completion/provider.ts';
import { Config } from './config.ts';
import { setTexts } from './l10n.ts';
import { modelNameOf } from './link/engine_state.ts';
import { restWhenIdle } from './link/idle.ts';
import { adaptersOfMachine, embeddedModelName, embeddedModelPath, superviseEngine } from './link/launch.ts';
import { openLog } from './log.ts';
import { pageDialogs, showLoading, tellOfArrival, useModel } from './model_dialogs.ts';
import { ModelNames } from './models/model_names.ts';
import { onUnseenArrival } from './models/page/unseen_arrivals.ts';
import type { Arrival } from './models/page/page.ts';
import { automaticContexts, createModels } from './models/wiring.ts';
import { notifyError, notifyWarning } from './notify.ts';
import { followChanges } from './config_reactions.ts';
import { type CodeActions, createEdits } from './edit/register.ts';
import { createPaths, type Paths } from './paths/register.ts';
import { createPrompts } from './prompts/register.ts';
import type { Slash } from './prompts/slash.ts';
import type { Settings } from './settings.ts';
import { showStatus } from './status.ts';
import { storedIn } from './stored_value.ts';
import { pathOf, WorkspaceCrawler, workspaceName } from './workspace/crawler.ts';
import { FileChoices } from './workspace/file_choices.ts';
import { WorkspaceIngest } from './workspace/ingest.ts';
import { DiskCache } from './workspace/disk_cache.ts';
import { showContextMap } from './workspace/map/map_view.ts';
import { watchFolderSettings } from './watch_folder_settings.ts';
import { Power } from './workspace/power.ts';
import { watchWorkspace } from './workspace/watcher.ts';

let endAll: (() => Promise<unknown>) | undefined;

/** What the extension gives to others: for tests only. */
interface HearthApi {
  enginePid(): number | undefined;
  conversation(): ChatSession['conversation'];
  pages(): ChatPanel['pages'];
  slash: Slash;
  draft: Draft;
  code: CodeActions;
  paths: Paths;
}

/** Called by the editor once. */
export async function activate(context: ExtensionContext): Promise<HearthApi> {
  setTexts(env.language, l10n.bundle);
  const { extensionPath, extensionUri, subscriptions } = context;
  const { version } = context.extension.packageJSON as { version: string };
  const log = openLog();
  const showError = (error: unknown): void => notifyError(error, log);
  const config = new Config(message => notifyWarning(message, log));
  const settings = (): Settings => config.settings;
  const contexts = automaticContexts(context, settings);
  const automaticContext = (path: string): number | undefined => contexts.of(path);
  const embeddedPath = embeddedModelPath(extensionPath);
  const names = new ModelNames({ path: embeddedPath, name: embeddedModelName }, modelNameOf);
  const nameOf = (path: string): string => names.of(path);
  const followName = (): void =>
    void names.follow(config.settings['model.path'] || embeddedPath).catch(showError);
  followName();
  const engine = superviseEngine({ extensionPath, version, settings, automaticContext, nameOf, log });

  const choices = new FileChoices(storedIn(context.workspaceState, 'hearth.fileChoices'));
  const crawler = new WorkspaceCrawler(config, choices);
  const diskCache = new DiskCache();
  const blockTokensMax = (): number | undefined => config.settings['workspace.maxTokens'] ?? undefined;
  const power = new Power();
  const readsAhead = async (): Promise<boolean> =>
    config.settings['workspace.readAheadOnBattery'] || !(await power.onBattery());
  const workspace = new WorkspaceIngest({ engine, source: crawler, blockTokensMax, readsAhead, log });
  const workspacePath = pathOnDisk(editor.workspaceFile ?? editor.workspaceFolders?.[0]?.uri);
  const { gauge, counts } = createGauge({ engine, workspace });
  const thinking = thinkingChoice({ context, config, engine, log });
  const { conversations, history } = await openConversations({
    context,
    workspacePath,
    config,
    thinking,
    engine,
    workspace,
    gauge,
    showError,
    log,
  });
  const use = (path: string): Promise<void> => useModel(path, config, engine);
  const { library, page } = createModels({
    context,
    config,
    engine,
    contexts,
    dialogs: pageDialogs,
    use,
    log,
  });
  const sampling = () => chatSettings(config.settings).sampling;
  const prompts = createPrompts({ context, config, engine, sampling, pathOf, showError, log });
  const { slash } = prompts;
  const edits = createEdits({ engine, sampling, showError });
  const messageContext = createContext({ context, config, engine, counts, crawler, pathOf, log });
  const paths = createPaths(pathOf);
  const panel = new ChatPanel({
    extensionUri,
    conversations,
    history,
    engine,
    workspace,
    models: page,
    names,
    slash,
    thinking,
    code: edits.code,
    context: messageContext,
    paths,
    log,
  });
  const provider = new CompletionProvider({ config, engine, workspaceName, pathOf, log });

  subscriptions.push(
    log,
    config,
    names,
    engine,
    workspace,
    conversations,
    history,
    page,
    prompts,
    edits,
    thinking,
    messageContext,
    paths,
    panel,
    provider,
  );
  const tell = (arrival: Arrival): void => void tellOfArrival(arrival).catch(showError);
  subscriptions.push(onUnseenArrival(page, panel, tell));
  const warn = (message: string): void => notifyWarning(message, log);
  subscriptions.push(watchFolderSettings({ workspaceState: context.workspaceState, warn, log }));
  subscriptions.push(watchWorkspace(pathOf, crawler.ignores, workspace));
  subscriptions.push(
    choices,
    showContextMap({
      workspace,
      choices,
      ignored: () => crawler.ignored,
      lastAnswer: () => lastAnswerOf(conversations.current.branch),
      diskBytes: () =>
        diskCache.bytes().catch((error: unknown) => {
          log.warn(`What is kept on the disk could not be counted: ${String(error)}`);
          return 0;
        }),
      onDidChangeAnswer: listener => conversations.onDidChangeAnswer(listener),
      showError,
    }),
  );
  subscriptions.push(registerBranchDocuments({ history }));
  subscriptions.push(showStatus({ config, engine, conversations, workspace, names }));
  subscriptions.push(config.onDidChange(followName));
  subscriptions.push(
    followChanges({
      config,
      engine,
      workspace,
      models: page,
      showLoading: () => showLoading(engine),
      showError,
    }),
  );
  subscriptions.push(
    restWhenIdle({
      engine,
      minutes: () => config.settings['engine.idleMinutes'],
      onDidChangeMinutes: listener => config.onDidChange(listener),
      isBusy: () => conversations.isBusy,
      log,
    }),
  );
  subscriptions.push(
    ...registerCommands({
      config,
      log,
      engine,
      conversations,
      history,
      panel,
      prompts,
      provider,
      workspace,
      diskCache,
      adapters: () => adaptersOfMachine({ extensionPath, settings, log }),
    }),
  );
  if (config.settings['engine.start'] === 'withWindow') engine.start();
  // `npm start` shows what there is; in anybody else's window the panel opens when they open it.
  if (process.env['HEARTH_OPEN_PANEL'])
    void commands.executeCommand('hearth.chat.focus', { preserveFocus: true });
  endAll = () => {
    conversations.dispose();
    return Promise.allSettled([history.flush(), engine.stop(), library.close()]);
  };
  return {
    enginePid: () => engine.pid,
    conversation: () => conversations.current.conversation,
    pages: () => panel.pages,
    slash,
    draft: messageContext.draft,
    code: edits.code,
    paths,
  };
}

/** The editor waits for this a few seconds: long enough to end the engine politely. */
export async function deactivate(): Promise<void> {
  await endAll?.();
}

function pathOnDisk(uri: { scheme: string; fsPath: string } | undefined): string | undefined {
  return uri?.scheme === 'file' ? uri.fsPath : undefined;
}
