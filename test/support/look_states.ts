// The states of the panel whose looks are checked: in every theme, at several widths, and in every language (looks.ts).
import type { PanelState, WorkspaceView } from '../../webview/protocol.ts';
import { entry, fullModels, modelsView } from './models_states.ts';
import type { PanelPage } from './page.ts';
import {
  answer,
  compilingEngine,
  failure,
  fullConversation,
  panelState,
  question,
  readyEngine,
  readyWorkspace,
  source,
} from './panel_states.ts';

export interface LookState {
  state: PanelState;
  /** Tall enough to show all of a state that scrolls. */
  height?: number;
  /** What a user does to see it, once the state is shown. */
  prepare?: (panel: PanelPage) => Promise<void>;
}

const noFolder: WorkspaceView = {
  state: 'none',
  fileCount: 0,
  filesSeen: '',
  leftOut: [],
  leftOutMore: 0,
  blockTokens: 0,
  budgetTokens: 0,
};
const code = `Look at \`src/order.ts\`, src/nope.ts:7 and [the prices](src/prices.ts#L3):

\`\`\`ts src/order.ts
export function orderTotal(lines: OrderLine[]): number {
  return lines.reduce((sum, line) => sum + priceOf(line.tea) * (line.cups - freeCups(line)), 0);
}
\`\`\`

\`\`\`bash
$ npm test
\`\`\`

\`\`\`mermaid
graph TD
  A-->B
\`\`\`

The sum is $\\sum_{i=1}^{n} p_i c_i$, and

$$f(x) = \\frac{1}{2}x^2$$

- [x] read it
- [ ] write it
`;
const thought = 'The user wants the parser.\n\nI saw it in src/parser.ts, and the lexer beside it.';
/** By their names, which are those of the pictures. */
export const lookStates: Record<string, LookState> = {
  conversation: {
    state: panelState({ turns: fullConversation(), busy: true, useWorkspace: true }),
    height: 1700,
  },
  welcome: { state: panelState() },
  attached: {
    state: panelState({
      turns: [
        question({ attachments: [{ id: '1', kind: 'file', label: 'src/parser.ts' }] }),
        answer({ text: 'It is in `src/parser.ts`.' }),
      ],
      draft: {
        attachments: [
          { id: 'a', kind: 'folder', label: 'src/a_long_name_of_a_folder/', tokens: 3456, estimated: true },
          { id: 'b', kind: 'paste', label: 'Pasted text, 80 lines', tokens: 7000 },
          { id: 'c', kind: 'picture', label: 'a.png', note: 'Pictures cannot be sent yet.' },
        ],
        editor: { id: 'editor', kind: 'selection', label: 'src/main.ts:3-9', tokens: 12, estimated: true },
      },
    }),
  },
  branches: {
    state: panelState({
      turns: [
        { id: 's1', role: 'summary', text: 'We looked at the parser.', of: 'a0' },
        question({
          branch: { ids: ['q0', 'q1'], index: 1 },
          notes: ['Attached: src/parser.ts', 'Rules: AGENTS.md'],
        }),
        answer({
          text: 'It is in `src/parser.ts`.',
          status: 'interrupted',
          branch: { ids: ['a0', 'a1', 'a2'], index: 1, name: 'the shorter one' },
        }),
      ],
      queue: [
        { id: 'w1', text: 'And where are strings read, and what becomes of their escapes?' },
        { id: 'w2', text: 'Thank you' },
      ],
      meter: { usedTokens: 7000, maxTokens: 8192 },
    }),
  },
  failed: {
    state: panelState({
      engine: {
        state: 'failed',
        modelName: 'Qwen3-Next-80B-A3B-Instruct',
        textOnly: false,
        deviceName: '',
        software: false,
        failure,
      },
      workspace: noFolder,
    }),
  },
  loading: {
    state: panelState({
      engine: {
        state: 'loading',
        modelName: 'Qwen3-Next',
        textOnly: false,
        deviceName: 'GPU',
        software: false,
        loadStage: 'uploading',
        loadFraction: 0.42,
      },
      turns: [question(), answer({ status: 'waiting' })],
      meter: { usedTokens: 8000, maxTokens: 8192 },
      busy: true,
    }),
  },
  compiling: {
    state: panelState({
      engine: {
        ...compilingEngine,
        modelName: 'Qwen3-Next-80B-A3B-Instruct',
        deviceName: 'GPU',
        software: false,
      },
      turns: [question(), answer({ status: 'waiting' })],
      busy: true,
    }),
  },
  'compiling in the background': {
    state: panelState({
      engine: { ...readyEngine, kernels: { done: 31, total: 60 } },
      turns: [question(), answer({ status: 'reading', reading: { done: 61, total: 66 } })],
      busy: true,
    }),
  },
  models: {
    state: panelState({
      models: modelsView({ catalogue: [entry({ recommended: true }), entry({ id: '2' })] }),
    }),
  },
  'all models': { state: panelState({ models: fullModels() }), height: 2300 },
  'not started': {
    state: panelState({
      engine: { ...readyEngine, state: 'stopped', deviceName: '', software: false },
      workspace: { ...noFolder, name: 'sample', sampleQuestion: 'Where is Stock defined?' },
      meter: { usedTokens: 0, maxTokens: 0 },
      useWorkspace: true,
    }),
  },
  resting: {
    state: panelState({
      engine: { ...readyEngine, state: 'resting', deviceName: '', software: false },
      turns: [question(), answer({ text: 'It is in `src/parser.ts`.' })],
    }),
  },
  thinking: {
    state: panelState({
      turns: [
        question(),
        answer({ text: 'There.', thinking: { text: thought, startedAt: 0, tookMs: 65_000, tokens: 900 } }),
        question({ id: 'q2', text: 'Sure?' }),
        answer({ id: 'a2', status: 'streaming', thinking: { text: thought, startedAt: 0, tokens: 1200 } }),
      ],
      busy: true,
      thinking: { canSwitch: true, think: true, efforts: ['low', 'medium', 'high'], effort: 'high' },
    }),
    prepare: async ({ page }) => {
      await page.locator('[data-turn=a1] .thought summary').press('Enter');
      // A clock that goes on would change the picture.
      await page.locator('[data-turn=a2] .thought-label').evaluate(label => (label.textContent = '…'));
    },
  },
  'cut thought': {
    state: panelState({
      turns: [
        question(),
        answer({
          thinking: { text: thought, startedAt: 0, tookMs: 9000, tokens: 40, cut: 'budget' },
          text: 'It is in the parser, which',
          cut: 'length',
          goOn: 'continue',
        }),
      ],
    }),
  },
  repeated: {
    state: panelState({
      turns: [question(), answer({ text: 'It is it is it is', cut: 'repetition', goOn: 'anyway' })],
    }),
  },
  'full context': {
    state: panelState({
      turns: [question(), answer({ text: 'It is a long story, and', cut: 'context' })],
      meter: { usedTokens: 8192, maxTokens: 8192, bound: { by: 'machine', modelTokens: 262_144 } },
    }),
  },
  summary: {
    state: panelState({
      turns: [question(), answer({ text: 'It is in `src/parser.ts`.' })],
      meter: { usedTokens: 7000, maxTokens: 8192 },
    }),
    prepare: panel =>
      panel.send({ type: 'summary', text: 'We looked at the parser, which is in src/parser.ts.' }),
  },
  editing: {
    state: panelState({
      turns: [
        question({
          attachments: [{ id: '1', kind: 'file', label: 'src/parser.ts' }],
          useWorkspace: true,
        }),
        answer({ text: 'It is in `src/parser.ts`.' }),
      ],
    }),
    prepare: async panel => {
      await panel.page.locator('vscode-button.edit').press('Enter');
      await panel.page.keyboard.press('End');
      await panel.page.keyboard.type(' @');
    },
  },
  'editing an answer': {
    state: panelState({
      turns: [
        question(),
        answer({
          text: 'It is in **`src/parser.ts`**.',
          edited: true,
          goOn: 'continue',
          branch: { ids: ['a0', 'a1'], index: 1 },
        }),
        question({ id: 'q2', text: 'Sure?' }),
        answer({ id: 'a2', text: 'Yes: **`src/parser.ts`**.' }),
      ],
    }),
    prepare: async ({ page }) => {
      await page.locator('[data-turn=a2] .turn-footer vscode-button').first().press('Enter');
    },
  },
  attaching: {
    state: panelState({ turns: [question(), answer({ text: 'There.' })] }),
    prepare: async panel => {
      await panel.page.locator('vscode-button.attach').press('Enter');
      await panel.page.keyboard.type('file:or');
      await panel.send({
        type: 'places',
        kind: 'file',
        query: 'or',
        places: [
          { uri: 'file:///w/src/order.ts', label: 'src/order.ts' },
          { uri: 'file:///w/a', label: 'src/a/deeply/nested/folder/of/the/project/order_of_things.ts' },
        ],
      });
    },
  },
  commands: {
    state: panelState({
      commands: {
        commands: [
          { name: 'explain', description: 'Explain the selection', hint: 'what', source: 'own' },
          { name: 'my-own', description: 'From .github/prompts/my-own.prompt.md', source: 'promptFile' },
        ],
        note: 'Prompt files of an untrusted folder are not read.',
      },
    }),
    prepare: async ({ page }) => {
      await page.locator('.composer > vscode-text-area textarea').fill('/');
    },
  },
  held: {
    state: panelState({
      turns: [question(), answer({ status: 'interrupted', text: 'It is in', goOn: 'continue' })],
      queue: [{ id: 'w1', text: 'And where are strings read?', held: true }],
    }),
  },
  'too long': {
    state: panelState({
      turns: [question(), answer({ text: 'There.' })],
      draft: { attachments: [{ id: 'a', kind: 'file', label: 'src/long.ts', tokens: 9000 }] },
    }),
  },
  figures: {
    state: panelState({
      turns: fullConversation(),
      engine: { ...readyEngine, kernels: { done: 31, total: 60 } },
      meter: { usedTokens: 3000, maxTokens: 8192, bound: { by: 'setting', modelTokens: 262_144 } },
    }),
    prepare: async ({ page }) => {
      await page.getByTestId('context-meter').press('Enter');
      await page.locator('.figures summary').press('Enter');
    },
  },
  code: {
    state: panelState({
      turns: [question(), answer({ text: code, sources: [source({ seen: 'excerpt' })] })],
      canPreviewDiagrams: true,
    }),
    height: 1100,
    prepare: panel =>
      panel.send({
        type: 'paths',
        found: [
          { path: 'src/order.ts', kind: 'file', name: 'src/order.ts' },
          { path: 'src/prices.ts', kind: 'file', name: 'src/prices.ts' },
          { path: 'src/nope.ts', kind: 'missing', near: 'src/note.ts' },
        ],
      }),
  },
  'long question': {
    state: panelState({
      turns: [question({ text: `${'A line of a log\n'.repeat(60)}` }), answer({ text: 'I see.' })],
    }),
  },
  hint: {
    state: panelState({ turns: [question(), answer({ text: code })] }),
    prepare: async ({ page }) => {
      await page.keyboard.press('Tab');
      await page.locator('.insert-code').first().focus();
    },
  },
  'no folder': {
    state: panelState({
      workspace: noFolder,
      engine: { ...readyEngine, textOnly: true, modelName: 'Qwen3.5 4B (Q4_K_M)', software: false },
    }),
  },
  stopped: {
    state: panelState({
      turns: [
        question({ useWorkspace: true }),
        answer({ status: 'stopped' }),
        question({ id: 'q2', text: 'Again' }),
        answer({
          id: 'a2',
          status: 'stopped',
          text: 'It is',
          goOn: 'continue',
          filesSeen: readyWorkspace.filesSeen,
          leftOut: readyWorkspace.leftOut,
          leftOutMore: 12,
        }),
      ],
    }),
  },
};
