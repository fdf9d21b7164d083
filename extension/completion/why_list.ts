// The list of "why no suggestion?" in the editor: a pick does what helps, a button shows the prompt that the model was given.
import { commands, ThemeIcon, Uri, window, workspace, type QuickPickItem } from 'vscode';
import { CancellationToken } from 'vscode-jsonrpc/node';
import type { CompletionParams } from '../../engine/protocol/completion.ts';
import { errors } from '../../engine/protocol/errors.ts';
import { phrase } from '../../engine/protocol/phrase.ts';
import { DisposableStore, type Disposable } from '../dispose.ts';
import { t } from '../l10n.ts';
import { languageName } from '../language_name.ts';
import type { EngineSupervisor } from '../link/supervisor.ts';
import type { LogChannel } from '../log.ts';
import { notifyError } from '../notify.ts';
import { promptScheme } from '../text_schemes.ts';
import { describeTrace, type CompletionTrace } from './trace.ts';
import { whyRows, type WhyRow } from './why.ts';

export interface WhyListDeps {
  provider: { trace: CompletionTrace };
  engine: EngineSupervisor;
  log: LogChannel;
}

export class WhyList implements Disposable {
  /** Texts of the prompts that are shown, by the query of their documents. */
  readonly #prompts = new Map<string, string>();
  #lastPrompt = 0;
  readonly #subscriptions = new DisposableStore();

  constructor(private readonly deps: WhyListDeps) {
    this.#subscriptions.add(
      workspace.registerTextDocumentContentProvider(promptScheme, {
        provideTextDocumentContent: ({ query }) => this.#prompts.get(query) ?? '',
      }),
    );
    this.#subscriptions.add(
      workspace.onDidCloseTextDocument(({ uri }) => {
        if (uri.scheme === promptScheme) this.#prompts.delete(uri.query);
      }),
    );
  }

  /** Shows what became of the last requests, in a list and in the log. */
  show(): void {
    const { provider, log } = this.deps;
    const { entries } = provider.trace;
    for (const entry of entries.toReversed()) log.info(`Completion: ${describeTrace(entry)}`);
    const rows = whyRows(entries, languageName);
    const none: WhyRow = {
      label: t('No completion has been wanted yet'),
      description: '',
      detail: t('Type in a file, or press the keys of "Trigger Inline Suggestion".'),
    };
    const picker = window.createQuickPick<WhyRow & QuickPickItem>();
    picker.title = t('Hearth: what became of the last completions');
    picker.placeholder = t('Pick a row with an arrow to do what it says');
    picker.matchOnDescription = true;
    picker.matchOnDetail = true;
    const button = { iconPath: new ThemeIcon('open-preview'), tooltip: t('Show the Prompt') };
    picker.items = (rows.length > 0 ? rows : [none]).map(row => ({
      ...row,
      buttons: row.sent ? [button] : [],
    }));
    const finish = (work: () => Promise<unknown>): void => {
      picker.hide();
      void work().catch((error: unknown) => notifyError(error, log));
    };
    picker.onDidTriggerItemButton(({ item: { sent } }) => {
      if (sent) finish(() => this.#showPrompt(sent));
    });
    picker.onDidAccept(() => {
      const cure = picker.selectedItems[0]?.cure;
      finish(async () => cure && commands.executeCommand(cure.command, ...(cure.args ?? [])));
    });
    picker.onDidHide(() => picker.dispose());
    picker.show();
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  /** Opens the prompt of a request as the loaded model reads it. */
  async #showPrompt(sent: CompletionParams): Promise<void> {
    const { engine } = this.deps;
    if (engine.state.kind !== 'ready')
      throw errors.badUsage(phrase`Start the model first: its tokenizer makes the prompt.`);
    const ready = await engine.whenReady(CancellationToken.None, { retryFailed: false });
    if (!ready) return;
    const { text } = await ready.client.completionPrompt(sent);
    const query = String(++this.#lastPrompt);
    this.#prompts.set(query, text);
    const path = `/${t('{0} (prompt)', sent.path.slice(sent.path.lastIndexOf('/') + 1))}`;
    await window.showTextDocument(Uri.from({ scheme: promptScheme, path, query }));
  }
}
