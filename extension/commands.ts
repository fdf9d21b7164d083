// The commands of Hearth. Each failure is shown in one way, by notify.ts.
import { commands, Uri, window, type Disposable } from 'vscode';
import { CancellationToken } from 'vscode-jsonrpc/node';
import { errors } from '../engine/protocol/errors.ts';
import type { AdapterName } from '../engine/protocol/lifecycle.ts';
import { phrase } from '../engine/protocol/phrase.ts';
import type { Attach } from '../webview/protocol.ts';
import type { ChatPanel } from './chat/panel.ts';
import type { Conversations } from './chat/conversations.ts';
import type { History } from './chat/history/history.ts';
import { exportConversation, importConversation, showHistory } from './chat/history_actions.ts';
import { acceptedCommand, acceptedKey, type CompletionProvider } from './completion/provider.ts';
import { WhyList } from './completion/why_list.ts';
import { chooseGpu } from './choose_gpu.ts';
import type { Config } from './config.ts';
import { t } from './l10n.ts';
import { languageName } from './language_name.ts';
import { formatBytes } from './models/format_bytes.ts';
import type { EngineSupervisor } from './link/supervisor.ts';
import type { LogChannel } from './log.ts';
import { showLoading } from './model_dialogs.ts';
import { notifyError } from './notify.ts';
import { openSettings } from './open_settings.ts';
import type { Prompts } from './prompts/register.ts';
import { showMenu } from './status.ts';
import type { WorkspaceIngest } from './workspace/ingest.ts';
import type { DiskCache } from './workspace/disk_cache.ts';
import { mapViewId } from './workspace/map/map_view.ts';

export interface CommandDeps {
  config: Config;
  log: LogChannel;
  engine: EngineSupervisor;
  conversations: Conversations;
  history: History;
  panel: ChatPanel;
  prompts: Prompts;
  provider: CompletionProvider;
  workspace: WorkspaceIngest;
  diskCache: DiskCache;
  /** The GPUs of this machine. */
  adapters(): Promise<AdapterName[]>;
}

/** Registers all commands. */
export function registerCommands(deps: CommandDeps): Disposable[] {
  const { config, log, engine, conversations, panel, prompts, provider, workspace } = deps;
  const { commits } = prompts;
  const why = new WhyList(deps);
  const ask = (command: string, target: unknown): Promise<void> =>
    panel.askAbout(command, prompts.fileOf(target));
  const table: Record<string, (...args: unknown[]) => unknown> = {
    'hearth.openChat': () => panel.open(),
    'hearth.openChatInEditor': () => panel.openInEditor(),
    'hearth.moveChatToNewWindow': () => panel.moveToNewWindow(),
    'hearth.newChat': () => {
      conversations.newChat();
      return panel.open();
    },
    'hearth.showHistory': () => showHistory(deps, panel.hasFocus ? () => panel.refocus() : undefined),
    'hearth.exportConversation': () => exportConversation(deps),
    'hearth.importConversation': () => importConversation(deps),
    'hearth.stop': () => conversations.current.stop(),
    'hearth.answerNow': () => conversations.current.answerNow(),
    'hearth.continueAnswer': () => conversations.current.goOn(),
    'hearth.askAboutSelection': () => panel.attach({ kind: 'selection' }),
    'hearth.attachFile': (clicked, selected) => {
      const places = placesOf(clicked, selected);
      return places ? panel.attach(places) : panel.offerFiles();
    },
    'hearth.explain': target => ask('/explain', target),
    'hearth.fix': target => ask('/fix', target),
    'hearth.document': target => ask('/docs', target),
    'hearth.writeTests': target => ask('/tests', target),
    'hearth.refactor': target => ask('/refactor', target),
    'hearth.review': target => ask('/review', target),
    'hearth.commitMessage': from => commits.write(from),
    'hearth.stopCommitMessage': () => commits.stop(),
    'hearth.restoreCommitMessage': () => commits.restore(),
    'hearth.chooseModel': () => panel.openModels(),
    'hearth.chooseGpu': () => chooseGpu(config, deps.adapters),
    'hearth.restartEngine': async () => {
      await engine.restart();
      await showLoading(engine);
    },
    'hearth.startEngine': async () => {
      if (engine.state.kind === 'failed') await engine.restart();
      await showLoading(engine);
    },
    'hearth.freeGpu': () => freeGpu(deps),
    'hearth.showLog': () => log.show(),
    'hearth.openSettings': () => openSettings(),
    'hearth.showMenu': () => showMenu(config, engine),
    'hearth.showKeys': () =>
      commands.executeCommand('workbench.action.openGlobalKeybindings', '@ext:hearth.hearth'),
    'hearth.openWalkthrough': () => openWalkthrough(provider),
    'hearth.toggleCompletions': on =>
      config.set('completion.enabled', typeof on === 'boolean' ? on : !config.settings['completion.enabled']),
    'hearth.toggleCompletionsForLanguage': (languageId, on) => toggleLanguage(config, languageId, on),
    'hearth.whyNoSuggestion': () => why.show(),
    'hearth.refreshWorkspace': () => readWorkspace(workspace, { again: true }),
    'hearth.showWorkspaceFiles': () => showWorkspaceFiles(workspace),
    'hearth.clearDiskCache': () => clearDiskCache(deps.diskCache),
    [acceptedCommand]: documentId => {
      if (typeof documentId === 'string') provider.accepted(documentId);
    },
  };
  const registered = Object.entries(table).map(([id, run]) =>
    commands.registerCommand(id, async (...args: unknown[]) => {
      try {
        await run(...args);
      } catch (error) {
        notifyError(error, log);
      }
    }),
  );
  return [why, ...registered];
}

/** The files that a menu was opened on; from elsewhere, the one in the editor. Undefined where there is none. */
function placesOf(clicked: unknown, selected: unknown): Attach | undefined {
  const given = (Array.isArray(selected) ? selected : [clicked]).filter(one => one instanceof Uri);
  const uris =
    given.length > 0 ? given : [window.activeTextEditor?.document.uri].filter(uri => uri !== undefined);
  if (uris.length === 0) return undefined;
  return { kind: 'places', uris: uris.map(uri => uri.toString()) };
}

/**
 * An editor that shows no welcome page looks at the steps from now on only, and ticks one when its key turns true while it looks: a
 * suggestion that was accepted before is told again.
 */
async function openWalkthrough({ hasAccepted }: Pick<CompletionProvider, 'hasAccepted'>): Promise<void> {
  await commands.executeCommand('setContext', acceptedKey, false);
  await commands.executeCommand('workbench.action.openWalkthrough', 'hearth.hearth#start');
  await commands.executeCommand('setContext', acceptedKey, hasAccepted);
}

/** Gives back what the engine holds of the GPU; not while somebody waits for an answer. */
async function freeGpu({ engine, conversations }: CommandDeps): Promise<void> {
  if (conversations.isBusy || engine.isAnswering)
    throw errors.badUsage(phrase`An answer is being written: stop it first, then the GPU can be freed.`);
  if (engine.state.kind === 'stopped' || engine.state.kind === 'failed') {
    void window.showInformationMessage(t('Hearth: no model is loaded, so the GPU is free already.'));
    return;
  }
  await engine.rest('byHand');
  window.setStatusBarMessage(t('Hearth: the GPU is free. Your next question starts the model again.'), 6000);
}

/** Without a language that of the active editor is meant; without `wanted` what is on is turned off, and back. */
async function toggleLanguage(config: Config, language: unknown, wanted: unknown): Promise<void> {
  const languageId = typeof language === 'string' ? language : window.activeTextEditor?.document.languageId;
  if (languageId === undefined)
    throw errors.badUsage(phrase`Open a file first: the language of the active editor is meant.`);
  const on = await config.setLanguage(languageId, typeof wanted === 'boolean' ? wanted : undefined);
  const name = languageName(languageId);
  window.setStatusBarMessage(
    on ? t('Hearth: completions are on for {0}', name) : t('Hearth: completions are off for {0}', name),
    4000,
  );
}

/** Deletes what is kept of workspaces on the disk, when the user has seen how much that is. */
async function clearDiskCache(cache: DiskCache): Promise<void> {
  const bytes = await cache.bytes();
  if (bytes === 0) {
    void window.showInformationMessage(t('Hearth: nothing is kept on the disk.'));
    return;
  }
  const yes = t('Delete');
  const picked = await window.showWarningMessage(
    t('Delete what Hearth keeps on the disk?'),
    {
      modal: true,
      detail: t(
        'It is {0} of what the model has read of your workspaces. Without it, files are read again after the next start.',
        formatBytes(bytes),
      ),
    },
    yes,
  );
  if (picked === yes) await cache.clear();
}

async function readWorkspace(workspace: WorkspaceIngest, { again }: { again: boolean }): Promise<void> {
  if (again) workspace.refresh();
  const uri = await workspace.ensure(CancellationToken.None);
  if (uri === undefined) throw errors.badUsage(phrase`No folder is open: open one to ask about its files.`);
}

/** Within this time the user has not gone elsewhere. */
const promptlyMs = 2_000;

/** Shows what the model sees of each file; they are read first, if nobody has asked for them yet. */
async function showWorkspaceFiles(workspace: WorkspaceIngest): Promise<void> {
  const focus = `${mapViewId}.focus`;
  const startedAt = Date.now();
  await commands.executeCommand(focus);
  await readWorkspace(workspace, { again: false });
  // An empty view gives the focus to nothing.
  if (Date.now() - startedAt < promptlyMs) await commands.executeCommand(focus);
}
