// What the check of texts (scripts/l10n.mjs) lets pass, each with its reason.

/** Literals with words that no user reads, by the beginnings of their path and text; without a text: all of the file. */
export const notShown = [
  { path: 'extension/dispose.ts', text: 'Some parts failed while being disposed.', why: 'only in the log' },
  { path: 'extension/link/supervisor.ts', text: ', text part only', why: 'only in the log' },
  { path: 'extension/models/transfer/store.ts', why: 'only in the log' },
  { path: 'extension/models/transfer/file_sets.ts', text: 'safetensors', why: 'the name of a format' },
  { path: 'extension/models/transfer/hash.ts', why: 'the program of a worker' },
  { path: 'extension/chat/html.ts', why: 'markup' },
  { path: 'extension/chat/conversation.ts', text: 'What we said before, in short:', why: 'for the model' },
  { path: 'extension/chat/panel.ts', text: '@file:', why: 'what a user would type' },
  { path: 'extension/chat/question_text.ts', why: 'for the model' },
  { path: 'extension/chat/session.ts', text: 'Sum up our conversation so far', why: 'for the model' },
  { path: 'extension/chat/session.ts', text: 'and facts matter, ', why: 'for the model' },
  { path: 'extension/completion/trace.ts', why: 'only in the log' },
  { path: 'extension/context/read.ts', text: '\n(exit code ', why: 'for the model' },
  { path: 'extension/edit/edit_prompt.ts', why: 'for the model' },
  { path: 'extension/edit/elided.ts', why: 'patterns' },
  { path: 'extension/edit/languages.ts', why: 'words of fences' },
  { path: 'extension/model_dialogs.ts', text: 'hf_…', why: 'how a token begins' },
  { path: 'extension/models/hub/hub_request.ts', text: 'Bearer ', why: 'a header of a request' },
  { path: 'extension/prompts/change_text.ts', why: 'for the model' },
  { path: 'extension/prompts/commit_message.ts', text: '{}\n\nThe changes:', why: 'for the model' },
  { path: 'extension/prompts/commit_prompt.ts', why: 'for the model' },
  { path: 'extension/prompts/slash_commands.ts', why: 'for the model; what users read are phrases' },
  { path: 'extension/workspace/power.ts', text: '(Get-CimInstance', why: 'a command of PowerShell' },
  { path: 'webview/main.ts', text: 'draw the page', why: 'for developers, to be reported' },
  { path: 'webview/main.ts', text: 'process a message', why: 'for developers, to be reported' },
  { path: 'webview/view/page_fault.ts', text: 'Could not ', why: 'for developers, to be reported' },
  { path: 'webview/view/chords.ts', text: 'Control', why: 'a name of a key event' },
  { path: 'webview/view/chords.ts', text: 'Alt', why: 'a name of a key event' },
  { path: 'webview/view/chords.ts', text: 'Shift', why: 'a name of a key event' },
  { path: 'webview/view/chords.ts', text: 'Meta', why: 'a name of a key event' },
  { path: 'webview/view/path_places.ts', text: 'pre, a, code', why: 'a selector' },
];

/** Texts that are the same in a language as in English. */
export const sameIn = {
  de: ['CPU', 'Chat', 'Commit', 'Code, {0}', '{0} h {1} min', '{0} min {1} s', '{0} min'],
  ko: ['CPU'],
};
