// What the check of texts (scripts/l10n.mjs) lets pass, each with its reason.

/** Literals with words that no user reads, by the beginning of their path; without a text: all of the file. */
export const notShown = [
  { path: 'extension/dispose.ts', text: 'Some parts failed while being disposed.', why: 'only in the log' },
  { path: 'extension/link/supervisor.ts', text: ', text part only', why: 'only in the log' },
  { path: 'extension/models/transfer/store.ts', why: 'only in the log' },
  {
    path: 'extension/models/catalogue.ts',
    why: 'faults of a file that comes with the package: for developers',
  },
  { path: 'extension/models/transfer/file_sets.ts', text: 'safetensors', why: 'the name of a format' },
  { path: 'extension/models/transfer/hash.ts', why: 'the program of a worker' },
  { path: 'extension/chat/html.ts', why: 'markup' },
  {
    path: 'extension/chat/conversation.ts',
    text: 'What we said before, in short:\n{}\n\n',
    why: 'for the model',
  },
];

/** Texts that are the same in a language as in English. */
export const sameIn = { de: ['Chat', 'Commit'], ko: [] };

/** Files and folders whose texts are still to be wrapped in t(). This list shrinks until it is empty. */
export const toBeWrapped = [
  'extension/chat/history/export.ts',
  'extension/chat/history_actions.ts',
  'extension/chat/panel.ts',
  'extension/chat/session.ts',
  'extension/commands.ts',
  'extension/completion/decide.ts',
  'extension/completion/provider.ts',
  'extension/completion/trace.ts',
  'extension/link/load_progress.ts',
  'extension/model_dialogs.ts',
  'extension/prompts/change_text.ts',
  'extension/prompts/code_actions.ts',
  'extension/prompts/command_list.ts',
  'extension/prompts/commit_message.ts',
  'extension/prompts/commit_prompt.ts',
  'extension/prompts/editor_sources.ts',
  'extension/prompts/expand.ts',
  'extension/prompts/git.ts',
  'extension/prompts/prompt_folders.ts',
  'extension/prompts/repository_changes.ts',
  'extension/prompts/slash_commands.ts',
  'extension/settings.ts',
  'extension/status.ts',
  'extension/status_text.ts',
  'extension/workspace/sample_question.ts',
  'webview/announcements.ts',
  'webview/main.ts',
  'webview/view/blocks.ts',
  'webview/view/branch_line.ts',
  'webview/view/chat.ts',
  'webview/view/code_block.ts',
  'webview/view/compaction.ts',
  'webview/view/composer.ts',
  'webview/view/format.ts',
  'webview/view/header.ts',
  'webview/view/page_fault.ts',
  'webview/view/queue.ts',
  'webview/view/slash_suggestions.ts',
  'webview/view/sources.ts',
  'webview/view/text_form.ts',
  'webview/view/thought.ts',
  'webview/view/turn.ts',
  'webview/view/welcome.ts',
];
