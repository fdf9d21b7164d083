// What the page is told: everything it shows, when it comes up, and after that each change. No vscode.
import { Emitter, type Event } from 'vscode-jsonrpc/node';
import type { ContextBound, EngineView, PanelState, ToPanel } from '../../webview/protocol.ts';
import { DisposableStore, type Disposable } from '../dispose.ts';
import type { Draft } from '../context/draft.ts';
import type { EngineSupervisor } from '../link/supervisor.ts';
import type { ModelsPage } from '../models/page/page.ts';
import type { Slash } from '../prompts/slash.ts';
import type { WorkspaceIngest } from '../workspace/ingest.ts';
import type { Conversations } from './conversations.ts';
import type { DiagramPreviews } from './diagram_preview.ts';
import type { ThinkingChoice } from './thinking_choice.ts';
import { conversationView, engineView, panelMessage, queueView, turnViews } from './views.ts';

export interface PanelFeedDeps {
  conversations: Pick<Conversations, 'current' | 'onEvent' | 'onDidSwitch' | 'setContext'>;
  engine: Pick<EngineSupervisor, 'state' | 'modelName' | 'onDidChangeState' | 'onDidCompile'>;
  workspace: Pick<WorkspaceIngest, 'view' | 'onDidChangeView'>;
  models: Pick<ModelsPage, 'view' | 'onMessage' | 'contextBound'>;
  slash: Pick<Slash, 'view' | 'onDidChangeView'>;
  /** Fires when the model in force is called something else. */
  names: { onDidChange: Event<void> };
  thinking: Pick<ThinkingChoice, 'view' | 'onDidChange'>;
  diagrams: DiagramPreviews;
  draft: Pick<Draft, 'view' | 'onDidChangeView'>;
}

export class PanelFeed implements Disposable {
  readonly #messages = new Emitter<ToPanel>();
  readonly #subscriptions = new DisposableStore();
  /** Why the context of the model is shorter than the model's own. */
  #bound: ContextBound | undefined;

  constructor(private readonly deps: PanelFeedDeps) {
    const { conversations, engine, workspace, models, slash, names, draft, diagrams } = deps;
    const post = (message: ToPanel): void => this.#messages.fire(message);
    const postEngine = (): void => post({ type: 'engine', engine: this.#engineView() });
    this.#subscriptions.add(
      conversations.onEvent(event => post(panelMessage(event, conversations.current, this.#bound))),
    );
    this.#subscriptions.add(
      conversations.onDidSwitch(() => post({ type: 'snapshot', state: this.snapshot() })),
    );
    this.#subscriptions.add(models.onMessage(post));
    this.#subscriptions.add(workspace.onDidChangeView(workspace => post({ type: 'workspace', workspace })));
    this.#subscriptions.add(slash.onDidChangeView(commands => post({ type: 'commands', commands })));
    this.#subscriptions.add(
      diagrams.onDidChange(() => post({ type: 'diagrams', canPreview: diagrams.canPreview })),
    );
    const { thinking } = deps;
    this.#subscriptions.add(
      thinking.onDidChange(() => post({ type: 'thinkingChoice', thinking: thinking.view })),
    );
    this.#subscriptions.add(draft.onDidChangeView(view => post({ type: 'draft', draft: view })));
    this.#subscriptions.add(engine.onDidCompile(postEngine));
    this.#subscriptions.add(names.onDidChange(postEngine));
    this.#subscriptions.add(
      engine.onDidChangeState(state => {
        postEngine();
        if (state.kind !== 'ready') return;
        this.#bound = models.contextBound(state.model);
        conversations.setContext(state.model.contextTokensMax);
      }),
    );
  }

  /** Each change, as the page should hear it. */
  get onMessage(): Event<ToPanel> {
    return this.#messages.event;
  }

  /** Everything the page shows now. */
  snapshot(): PanelState {
    const { conversations, workspace, models, slash, draft, diagrams } = this.deps;
    const session = conversations.current;
    return {
      conversation: conversationView(session),
      turns: turnViews(session),
      queue: queueView(session),
      busy: session.busy,
      engine: this.#engineView(),
      workspace: workspace.view,
      meter: { ...session.context, bound: this.#bound },
      useWorkspace: session.conversation.useWorkspace,
      commands: slash.view,
      thinking: this.deps.thinking.view,
      canPreviewDiagrams: diagrams.canPreview,
      draft: draft.view,
      models: models.view,
    };
  }

  dispose(): void {
    this.#subscriptions.dispose();
    this.#messages.dispose();
  }

  #engineView(): EngineView {
    const { state, modelName } = this.deps.engine;
    return engineView(state, modelName);
  }
}
