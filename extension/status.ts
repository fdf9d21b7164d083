// The status bar item: state of the engine, of the workspace and of completions; a click opens a menu of what to do.
import { commands, MarkdownString, StatusBarAlignment, ThemeColor, window, type QuickPickItem } from 'vscode';
import type { Conversations } from './chat/conversations.ts';
import type { Config } from './config.ts';
import { DisposableStore, type Disposable } from './dispose.ts';
import { t } from './l10n.ts';
import type { EngineSupervisor } from './link/supervisor.ts';
import type { ModelNames } from './models/model_names.ts';
import { isLanguageEnabled } from './settings.ts';
import { statusText } from './status_text.ts';
import type { WorkspaceIngest } from './workspace/ingest.ts';

export interface StatusDeps {
  config: Config;
  engine: EngineSupervisor;
  conversations: Pick<Conversations, 'onAnswered'>;
  workspace: WorkspaceIngest;
  names: Pick<ModelNames, 'onDidChange'>;
}

/** Shows the item until disposed. */
export function showStatus({ config, engine, conversations, workspace, names }: StatusDeps): Disposable {
  const store = new DisposableStore();
  const item = store.add(window.createStatusBarItem('hearth.status', StatusBarAlignment.Right, 100));
  item.name = 'Hearth';
  item.command = 'hearth.showMenu';
  let tokensPerSecond: number | undefined;

  const update = (): void => {
    const { text, lines, severity, action } = statusText({
      engine: engine.state,
      modelName: engine.modelName,
      workspace: workspace.view,
      completionsOn: config.settings['completion.enabled'],
      language: activeLanguage(config),
      tokensPerSecond,
    });
    item.text = text;
    const tooltip = new MarkdownString('**Hearth**');
    for (const line of lines) tooltip.appendMarkdown('\n\n').appendText(line);
    if (action) {
      tooltip.isTrusted = { enabledCommands: [action.command] };
      tooltip.appendMarkdown(`\n\n[${action.title}](command:${action.command})`);
    }
    item.tooltip = tooltip;
    item.accessibilityInformation = { label: `Hearth. ${lines.join('. ')}`, role: 'button' };
    item.backgroundColor =
      severity === 'normal' ? undefined : new ThemeColor(`statusBarItem.${severity}Background`);
  };
  store.add(engine.onDidChangeState(update));
  store.add(engine.onDidCompile(update));
  store.add(names.onDidChange(update));
  store.add(workspace.onDidChangeView(update));
  store.add(config.onDidChange(update));
  store.add(window.onDidChangeActiveTextEditor(update));
  store.add(
    conversations.onAnswered(stats => {
      tokensPerSecond = stats.tokensPerSecond;
      update();
    }),
  );
  update();
  item.show();
  return store;
}

/** The menu behind the status bar item. */
export async function showMenu(config: Config, engine: EngineSupervisor): Promise<void> {
  const language = activeLanguage(config);
  const on = config.settings['completion.enabled'];
  type Item = QuickPickItem & { command: string };
  const items: Item[] = [];
  if (engine.state.kind === 'stopped')
    items.push({
      label: `$(play) ${t('Start now')}`,
      description: engine.state.rest
        ? t('Resting: the GPU is free')
        : t('Hearth starts with your first question'),
      command: 'hearth.startEngine',
    });
  items.push({ label: `$(comment-discussion) ${t('Open chat')}`, command: 'hearth.openChat' });
  if (language)
    items.push({
      label: language.on
        ? `$(circle-slash) ${t('Turn off completions for {0}', language.id)}`
        : `$(check) ${t('Turn on completions for {0}', language.id)}`,
      command: 'hearth.toggleCompletionsForLanguage',
    });
  items.push(
    {
      label: on
        ? `$(circle-slash) ${t('Turn off completions everywhere')}`
        : `$(check) ${t('Turn on completions everywhere')}`,
      command: 'hearth.toggleCompletions',
    },
    { label: `$(question) ${t('Why no suggestion?')}`, command: 'hearth.whyNoSuggestion' },
    { label: `$(bell-slash) ${t('Snooze suggestions')}`, command: 'editor.action.inlineSuggest.snooze' },
    { label: `$(list-tree) ${t('Show files seen by the model')}`, command: 'hearth.showWorkspaceFiles' },
    {
      label: `$(package) ${t('Choose model')}`,
      description: engine.modelName,
      command: 'hearth.chooseModel',
    },
    ...(engine.state.kind === 'stopped' || engine.state.kind === 'failed'
      ? []
      : [{ label: `$(debug-disconnect) ${t('Free the GPU')}`, command: 'hearth.freeGpu' }]),
    { label: `$(debug-restart) ${t('Restart engine')}`, command: 'hearth.restartEngine' },
    { label: `$(output) ${t('Show log')}`, command: 'hearth.showLog' },
    { label: `$(gear) ${t('Open settings')}`, command: 'hearth.openSettings' },
    { label: `$(keyboard) ${t('Show keyboard shortcuts')}`, command: 'hearth.showKeys' },
    { label: `$(book) ${t('Open walkthrough')}`, command: 'hearth.openWalkthrough' },
  );
  const choice = await window.showQuickPick(items, { title: 'Hearth', placeHolder: t('What to do') });
  if (choice) await commands.executeCommand(choice.command);
}

function activeLanguage(config: Config): { id: string; on: boolean } | undefined {
  const id = window.activeTextEditor?.document.languageId;
  return id === undefined
    ? undefined
    : { id, on: isLanguageEnabled(config.settings['completion.languages'], id) };
}
