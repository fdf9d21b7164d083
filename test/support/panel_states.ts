// States and turns of the panel for tests: a ready engine, a finished answer, a failure.
import type {
  AssistantTurn,
  EngineView,
  FailureView,
  PanelState,
  SourceView,
  Turn,
  WorkspaceView,
} from '../../webview/protocol.ts';

export const readyEngine: EngineView = {
  state: 'ready',
  modelName: 'hearth-tiny',
  textOnly: false,
  deviceName: 'llvmpipe',
  software: true,
};
/** The weights are there, and the kernels of the first answer compile. */
export const compilingEngine: EngineView = {
  ...readyEngine,
  state: 'loading',
  loadStage: 'compiling',
  loadFraction: 0.84,
  kernels: { done: 12, total: 60 },
};
export const readyWorkspace: WorkspaceView = {
  name: 'sample',
  state: 'ready',
  fileCount: 14,
  filesSeen: '14 files: 12 seen whole, 2 in part or not at all',
  leftOut: [
    { path: 'assets/logo.png', reason: 'not a text file' },
    {
      path: 'data/very/long/path/that/goes/on/and/on/measurements_of_everything_2026.csv',
      reason: 'larger than 1 MB',
    },
  ],
  leftOutMore: 0,
  blockTokens: 3456,
  budgetTokens: 6000,
};

export function panelState(change: Partial<PanelState> = {}): PanelState {
  return {
    conversation: { id: 'c1', title: '', pinned: false },
    turns: [],
    queue: [],
    busy: false,
    engine: readyEngine,
    workspace: readyWorkspace,
    meter: { usedTokens: 1234, maxTokens: 8192 },
    useWorkspace: false,
    commands: { commands: [] },
    draft: { attachments: [] },
    ...change,
  };
}

export function question(change: Partial<Extract<Turn, { role: 'user' }>> = {}): Turn {
  return {
    id: 'q1',
    role: 'user',
    text: 'Where is the parser?',
    useWorkspace: false,

    ...change,
  };
}

export function answer(change: Partial<AssistantTurn> = {}): AssistantTurn {
  return {
    id: 'a1',
    role: 'assistant',
    text: '',
    status: 'done',
    sources: [],
    filesSeen: '',
    leftOut: [],
    leftOutMore: 0,
    ...change,
  };
}

export const failure: FailureView = {
  message: 'The graphics device was lost.',
  remedy: 'Restart the engine. If it happens again, update the graphics driver.',
  actions: ['restartEngine', 'openLog'],
};

export function source(change: Partial<SourceView> = {}): SourceView {
  return {
    label: 'src/parser.ts:10-42',
    path: 'src/parser.ts',
    uri: 'file:///sample/src/parser.ts',
    startLine: 10,
    endLine: 42,
    cited: true,
    ...change,
  };
}

/** An answer that uses every part of the page's markup. */
const richMarkdown = `The parser lives in \`src/parser.ts\`. It works in **three** steps:

1. split the text into tokens
2. build the tree
3. check it, see [the notes](https://example.com/notes)

## Reading a number

\`\`\`ts
// Reads one number; throws when there is none.
export function readNumber(text: string, start = 0): Token {
  const match = /^-?\\d+(\\.\\d+)?/.exec(text.slice(start));
  if (match === null) throw new SyntaxError(\`no number at \${start}\`);
  return { kind: 'number', value: Number(match[0]), end: start + match[0].length };
}
\`\`\`

| Kind | Example | Meaning |
| --- | --- | --- |
| number | \`42\` | a constant |
| name | \`total\` | looked up in the scope |

> Comments are skipped before this step.

- a list item with code:
  \`\`\`python
  def read(path: str) -> int:
      return len(open(path).read())  # bytes
  \`\`\`
- and another one
`;

/** A conversation with a question, a full answer, a failed answer and one that is being read. */
export function fullConversation(): Turn[] {
  return [
    question({ text: 'Where is the parser, and how does it read numbers?', useWorkspace: true }),
    answer({
      text: richMarkdown,
      thinking: {
        text: 'The user wants the parser.\n\nI saw it in src/parser.ts.',
        startedAt: 0,
        tookMs: 12_400,
      },
      sources: [
        source(),
        source({
          label: 'src/a/deeply/nested/folder/of/the/project/tokens.ts:1-80',
          path: 'src/tokens.ts',
          cited: false,
        }),
      ],
      filesSeen: '14 files: 12 seen whole, 1 in excerpts, 1 not at all',
      leftOut: [{ path: 'assets/logo.png', reason: 'not a text file' }],
      stats: {
        tokensPerSecond: 23.456,
        generatedTokens: 512,
        promptTokens: 4100,
        reusedTokens: 3900,
        firstTokenMs: 240,
      },
      cut: 'length',
    }),
    question({
      id: 'q2',
      text: 'And strings?\nPlease show an example from src/a_folder_with_a_long_name/another_folder_with_a_longer_name/strings_and_escapes.ts',
    }),
    answer({ id: 'a2', status: 'failed', text: 'Strings are', failure }),
    question({ id: 'q3', text: 'Again, please' }),
    answer({ id: 'a3', status: 'reading', reading: { done: 1200, total: 4000 } }),
  ];
}
