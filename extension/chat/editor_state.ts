// Joins the chat session to the editor's storage and to the settings. Types of vscode only.
import type { Memento } from 'vscode';
import type { Log } from '../log.ts';
import type { Settings } from '../settings.ts';
import type { ConversationStorage } from './saved_conversation.ts';
import { ChatSession, type ChatSessionDeps, type ChatSettings } from './session.ts';

const key = 'hearth.conversation';

export interface SessionOptions {
  workspaceState: Memento;
  config: { readonly settings: Settings };
  engine: ChatSessionDeps['engine'];
  workspace: ChatSessionDeps['workspace'];
  showError: ChatSessionDeps['showError'];
  log: Log;
}

/** The conversation of this window. */
export function createSession({ workspaceState, config, log, ...parts }: SessionOptions): ChatSession {
  const storage = chatStorage(workspaceState, log);
  return new ChatSession({ ...parts, storage, settings: () => chatSettings(config.settings) });
}

/** The conversation is kept with the workspace it is about. */
function chatStorage(memento: Memento, log: Log): ConversationStorage {
  return {
    load: () => memento.get<unknown>(key),
    save: saved =>
      void memento
        .update(key, saved)
        .then(undefined, (error: unknown) =>
          log.warn(`The conversation could not be kept: ${String(error)}`),
        ),
  };
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
    think: settings['chat.thinking'] === 'auto' ? undefined : settings['chat.thinking'] === 'on',
    maxTokens: settings['chat.maxTokens'] ?? undefined,
    useWorkspace: settings['chat.useWorkspace'],
  };
}
