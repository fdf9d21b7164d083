// Joins the conversations to the editor's storage and to the settings. Types of vscode only.
import { join } from 'node:path';
import type { ExtensionContext } from 'vscode';
import type { Log } from '../log.ts';
import type { Settings } from '../settings.ts';
import { storedIn } from '../stored_value.ts';
import { Conversations, type ConversationsDeps } from './conversations.ts';
import { followMovedFolder } from './history/folder_identity.ts';
import { History } from './history/history.ts';
import type { ChatSettings } from './session.ts';
import { ThinkingChoice, type ThinkingChoiceDeps } from './thinking_choice.ts';

export interface ConversationsOptions {
  context: Pick<ExtensionContext, 'workspaceState' | 'storageUri' | 'globalStorageUri'>;
  /** Path of the folder or workspace file that is open, if it is on a disk. */
  workspacePath: string | undefined;
  config: { readonly settings: Settings };
  thinking: Pick<ThinkingChoice, 'asked'>;
  engine: ConversationsDeps['engine'];
  workspace: ConversationsDeps['workspace'];
  gauge: ConversationsDeps['gauge'];
  showError: ConversationsDeps['showError'];
  log: Log;
}

/** The conversations of this window, and where they are kept: with the workspace they are about. */
export async function openConversations(
  options: ConversationsOptions,
): Promise<{ conversations: Conversations; history: History }> {
  const { context, workspacePath, config, thinking, log, ...parts } = options;
  const { workspaceState, storageUri, globalStorageUri } = context;
  const warn = (message: string): void => log.warn(message);
  const folder = join((storageUri ?? globalStorageUri).fsPath, 'conversations');
  if (storageUri && workspacePath !== undefined) {
    const notes = join(globalStorageUri.fsPath, 'folders');
    await followMovedFolder({ workspace: workspacePath, history: folder, notes, warn });
  }
  const history = new History({ folder, warn, showError: parts.showError });
  const conversations = new Conversations({
    ...parts,
    history,
    shown: storedIn(workspaceState, 'hearth.shownConversation'),
    earlier: storedIn(workspaceState, 'hearth.conversation'),
    settings: () => ({ ...chatSettings(config.settings), ...thinking.asked }),
    warn,
  });
  // A panel that comes up must not show an empty conversation first.
  await conversations.restored;
  return { conversations, history };
}

/** The choice of how the model thinks, which a workspace keeps, and the next one begins with. */
export function thinkingChoice(options: {
  context: Pick<ExtensionContext, 'workspaceState' | 'globalState'>;
  config: { readonly settings: Settings };
  engine: ThinkingChoiceDeps['engine'];
  log: Log;
}): ThinkingChoice {
  const { context, config, engine, log } = options;
  const key = 'hearth.thinking';
  const [here, last] = [storedIn(context.workspaceState, key), storedIn(context.globalState, key)];
  return new ThinkingChoice({
    engine,
    stored: {
      get: () => here.get() ?? last.get(),
      set: async value => void (await Promise.all([here.set(value), last.set(value)])),
    },
    think: () => thinkSetting(config.settings),
    warn: message => log.warn(message),
  });
}

function thinkSetting(settings: Settings): boolean | undefined {
  return settings['chat.thinking'] === 'auto' ? undefined : settings['chat.thinking'] === 'on';
}

/** A setting that is not set leaves the choice to the model's own recommendation. */
export function chatSettings(settings: Settings): ChatSettings {
  return {
    sampling: {
      temperature: settings['chat.temperature'] ?? undefined,
      topP: settings['chat.topP'] ?? undefined,
      topK: settings['chat.topK'] ?? undefined,
      minP: settings['chat.minP'] ?? undefined,
      repetitionPenalty: settings['chat.repetitionPenalty'] ?? undefined,
      presencePenalty: settings['chat.presencePenalty'] ?? undefined,
    },
    think: thinkSetting(settings),
    thinkingTokens: settings['chat.thinkingTokens'] ?? undefined,
    maxTokens: settings['chat.maxTokens'] ?? undefined,
    useWorkspace: settings['chat.useWorkspace'],
  };
}
