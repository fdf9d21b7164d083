// The way of a completion from the cursor to a suggestion, with a real client and supervisor before an engine in memory.
import { describe, expect, test } from 'vitest';
import { CancellationToken, CancellationTokenSource } from 'vscode-jsonrpc/node';
import type { CompletionParams, CompletionResult } from '../../../engine/protocol/completion.ts';
import { errors } from '../../../engine/protocol/errors.ts';
import { phrase, type Phrase } from '../../../engine/protocol/phrase.ts';
import { CompletionDecider, type CompletionPlace } from '../../../extension/completion/decide.ts';
import { EngineSupervisor } from '../../../extension/link/supervisor.ts';
import { readSettings, type Settings } from '../../../extension/settings.ts';
import { FakeEngine, fakeModel, fakeStats, settle, silentLog } from '../../fakes/fake_engine.ts';

const defaults = readSettings(
  () => undefined,
  () => undefined,
);
const answer = (text: string, more: Partial<CompletionResult> = {}): CompletionResult => ({
  text,
  finishReason: 'stop',
  stats: fakeStats,
  ...more,
});

function setUp(prepare: (engine: FakeEngine) => void = () => undefined, { started = true } = {}) {
  const asked: CompletionParams[] = [];
  const waits: number[] = [];
  const warnings: string[] = [];
  const told: Phrase[] = [];
  const engine = new FakeEngine();
  engine.onComplete = async () => answer('a + b;');
  prepare(engine);
  const { onComplete } = engine;
  engine.onComplete = (params, token) => {
    asked.push(params);
    return onComplete(params, token);
  };
  const world = { wait: async (): Promise<void> => undefined };
  const supervisor = new EngineSupervisor({
    launch: async () => engine.running(),
    model: () => ({ path: '/a.gguf', contextTokensMax: 0 }),
    clientVersion: '0',
    log: silentLog,
  });
  if (started) supervisor.start();
  const decider = new CompletionDecider({
    engine: supervisor,
    workspaceName: () => 'project',
    log: { warn: message => warnings.push(message) },
    tellNothing: why => told.push(why),
    wait: async delayMs => {
      waits.push(delayMs);
      await world.wait();
    },
  });
  const decide = (text: string, more: Partial<CompletionPlace> = {}, token = CancellationToken.None) =>
    decider.decide(placeIn(text, more), token);
  const last = () => decider.trace.entries[0];
  return { decider, decide, supervisor, asked, waits, warnings, told, world, last };
}

/** A document whose cursor is at the bar. */
function placeIn(text: string, more: Partial<CompletionPlace> = {}): CompletionPlace {
  const before = text.slice(0, text.indexOf('|')).split('\n');
  const lines = text.replace('|', '').split('\n');
  return {
    document: { lineCount: lines.length, lineAt: line => ({ text: lines[line] ?? '' }) },
    documentId: 'file:///project/a.js',
    path: 'a.js',
    location: '/project/a.js',
    languageId: 'javascript',
    position: { line: before.length - 1, character: before.at(-1)?.length ?? 0 },
    cursorCount: 1,
    explicit: false,
    selected: undefined,
    settings: defaults,
    ...more,
  };
}
const settings = (more: Partial<Settings>): { settings: Settings } => ({
  settings: { ...defaults, ...more },
});

const sum = 'function sum(a, b) {\n  return |\n}';
/** A line that does not open a block by itself. */
const statement = 'const total = |';

describe('while no engine runs', () => {
  const notStarted = { started: false };

  test('typing starts none, and the trace says what does', async () => {
    const { decide, supervisor, asked, last } = setUp(undefined, notStarted);
    expect(await decide(sum)).toBeUndefined();
    expect(supervisor.state.kind).toBe('stopped');
    expect(asked).toEqual([]);
    expect(last()).toMatchObject({
      decidedBy: 'not-started',
      explanation: phrase`Hearth starts with your first question`,
    });
  });

  test('asking by hand starts it, and from then on typing brings suggestions', async () => {
    const { decide, asked } = setUp(undefined, notStarted);
    expect(await decide(sum, { explicit: true })).toBe('a + b;');
    expect(await decide(statement)).toBe('a + b;');
    expect(asked).toHaveLength(2);
  });

  test('typing starts it where the setting says that it starts with the window', async () => {
    const { decide } = setUp(undefined, notStarted);
    expect(await decide(sum, settings({ 'engine.start': 'withWindow' }))).toBe('a + b;');
  });

  test('one at rest is left there, whatever was freed by hand even if it starts with the window', async () => {
    const { decide, supervisor, last } = setUp();
    expect(await decide(sum)).toBe('a + b;');
    await supervisor.rest('byHand');
    expect(await decide(statement, settings({ 'engine.start': 'withWindow' }))).toBeUndefined();
    expect(last()).toMatchObject({ decidedBy: 'resting' });
    expect(supervisor.state.kind).toBe('stopped');
  });
});

describe('a completion', () => {
  test('is asked of the engine with the text around the cursor, and noted', async () => {
    const { decide, asked, last } = setUp();
    expect(await decide(sum)).toBe('a + b;');
    expect(asked).toEqual([
      expect.objectContaining({
        documentId: 'file:///project/a.js',
        path: 'a.js',
        linesBefore: 'function sum(a, b) {\n',
        lineLeft: '  return ',
        suffix: '\n}',
        neighbours: [],
        multiline: false,
        maxTokens: defaults['completion.maxTokens'],
      }),
    ]);
    expect(last()).toMatchObject({ place: 'a.js:2:10', explicit: false, decidedBy: 'model', shown: true });
    expect(last()?.asked).toMatchObject({ params: asked[0], stats: fakeStats });
  });

  test.each<[string, Partial<CompletionPlace>]>([
    ['disabled', settings({ 'completion.enabled': false })],
    ['language-disabled', settings({ 'completion.languages': { javascript: false } })],
    ['secret-file', { location: '/project/.env' }],
    ['several-cursors', { cursorCount: 2 }],
  ])('is not asked for against the rule %s', async (rule, more) => {
    const { decide, asked, last } = setUp();
    expect(await decide(sum, more)).toBeUndefined();
    expect(last()).toMatchObject({ decidedBy: rule, shown: false });
    expect(asked).toEqual([]);
  });

  test('is not asked for where the text holds a secret, whatever the file is called', async () => {
    const { decide, asked, last } = setUp();
    expect(await decide(`// npm_${'aB3d'.repeat(9)}\n${sum}`)).toBeUndefined();
    expect(last()).toMatchObject({ decidedBy: 'secret-file' });
    expect(asked).toEqual([]);
  });

  test('goes by the settings of its own document', async () => {
    const { decide, asked } = setUp();
    await decide(statement, settings({ 'completion.maxTokens': 7, 'completion.multiline': 'always' }));
    await decide(statement, { documentId: 'b', ...settings({ 'completion.maxTokens': 9 }) });
    expect(asked.map(({ maxTokens, multiline }) => [maxTokens, multiline])).toEqual([
      [7, true],
      [9, false],
    ]);
  });

  test('is an earlier answer while the user types along it, until another model is loaded', async () => {
    const { decider, decide, asked, last } = setUp();
    await decide(sum);
    expect(await decide(sum.replace('|', 'a + |'))).toBe('b;');
    expect(last()).toMatchObject({ decidedBy: 'cache', shown: true });
    expect(last()?.asked).toBeUndefined();
    expect(asked).toHaveLength(1);
    decider.forgetAnswers();
    await decide(sum.replace('|', 'a + |'));
    expect(asked).toHaveLength(2);
  });

  test('waits for a pause in typing, but not when it is asked for by hand', async () => {
    const { decide, waits, asked } = setUp();
    await decide(sum, settings({ 'completion.debounceMs': 300 }));
    await decide(sum, { explicit: true, documentId: 'b', ...settings({ 'completion.debounceMs': 300 }) });
    expect(waits).toEqual([300]);
    expect(asked).toHaveLength(2);
  });

  test('is not asked for when the user typed on during the pause', async () => {
    const { decide, world, asked, last } = setUp();
    const source = new CancellationTokenSource();
    world.wait = async () => source.cancel();
    expect(await decide(sum, settings({ 'completion.debounceMs': 300 }), source.token)).toBeUndefined();
    expect(asked).toEqual([]);
    expect(last()).toMatchObject({ decidedBy: 'cancelled' });
  });

  test('is told the files visited last, but none that may hold secrets or was closed', async () => {
    const { decider, decide, asked } = setUp();
    for (const name of ['b.js', 'gone.js', 'secrets/.aws/keys.js'])
      decider.visit({
        documentId: name,
        path: name,
        location: `/project/${name}`,
        languageId: 'javascript',
        beginning: () => `// ${name}\n`,
      });
    decider.forget('gone.js');
    await decide(sum, settings({ 'completion.neighbourFiles': 5 }));
    expect(asked[0]).toMatchObject({
      neighbours: [{ path: 'b.js', content: '// b.js\n' }],
      repositoryName: 'project',
    });
  });

  test('that was asked for by hand is asked of the engine with several cursors too, and says why nothing came', async () => {
    const { decide, asked, told } = setUp(engine => (engine.onComplete = async () => answer('')));
    expect(await decide(statement, { explicit: true, cursorCount: 2 })).toBeUndefined();
    expect(asked).toHaveLength(1);
    expect(told).toEqual([phrase`the model suggested nothing`]);
    await decide(sum);
    expect(told).toHaveLength(1);
  });

  test('that was asked for by hand and is no longer wanted says nothing', async () => {
    const { decide, told } = setUp();
    const source = new CancellationTokenSource();
    source.cancel();
    await decide(sum, { explicit: true }, source.token);
    expect(told).toEqual([]);
  });

  test('in a cell of a notebook knows the other cells of the language, in their order, and is noted by its own lines', async () => {
    const { decide, asked, last } = setUp();
    const cell = (text: string) => placeIn(`${text}|`).document;
    await decide('print(ar|)', {
      cells: {
        before: [cell('import math'), cell('def area_of(radius):\n    return math.pi * radius ** 2')],
        after: [cell('done()')],
      },
    });
    expect(asked[0]).toMatchObject({
      linesBefore: 'import math\n\ndef area_of(radius):\n    return math.pi * radius ** 2\n\n',
      lineLeft: 'print(ar',
      suffix: ')\n\ndone()',
    });
    expect(last()?.place).toBe('a.js:1:9');
  });

  test('takes a selected item of the list as typed', async () => {
    const { decide, asked } = setUp();
    await decide('items.le|', { selected: { text: 'length', startCharacter: 6, endCharacter: 8 } });
    expect(asked[0]).toMatchObject({ lineLeft: 'items.length' });
  });

  test('is cleaned up by the rules of its language, which the trace names', async () => {
    const { decide, last } = setUp(engine => (engine.onComplete = async () => answer(' a + b; \nrest')));
    expect(await decide(sum)).toBe('a + b;');
    expect(last()?.changes.map(({ rule }) => rule)).toEqual(['one-line', 'leading-space', 'trailing-space']);
    const make = setUp(engine => (engine.onComplete = async () => answer('    gcc a.c')));
    expect(await make.decide('all: a.c\n|', { languageId: 'makefile' })).toBe('\tgcc a.c');
  });

  test('is dropped by the rule that leaves nothing of it, which the trace names', async () => {
    const { decide, last } = setUp(engine => (engine.onComplete = async () => answer('\n}')));
    expect(await decide(sum)).toBeUndefined();
    expect(last()).toMatchObject({ decidedBy: 'one-line', shown: false });
    const slow = setUp(engine => (engine.onComplete = async () => answer('', { finishReason: 'deadline' })));
    expect(await slow.decide(sum)).toBeUndefined();
    expect(slow.last()).toMatchObject({
      decidedBy: 'model-silent',
      explanation: phrase`the model was too slow`,
    });
  });

  test.each(['cancelled', 'superseded'] as const)(
    'shows nothing of a request that ended as %s',
    async reason => {
      const { decide, last } = setUp(
        engine => (engine.onComplete = async () => answer('half of it', { finishReason: reason })),
      );
      expect(await decide(sum)).toBeUndefined();
      expect(last()).toMatchObject({ decidedBy: 'cancelled', shown: false });
    },
  );

  test('that comes too late is neither shown nor kept', async () => {
    const source = new CancellationTokenSource();
    const { decide, asked } = setUp(
      engine =>
        (engine.onComplete = async () => {
          source.cancel();
          return answer('late');
        }),
    );
    expect(await decide(sum, {}, source.token)).toBeUndefined();
    expect(await decide(sum)).toBe('late');
    expect(asked).toHaveLength(2);
  });

  test('is not asked of a model that was not made for it', async () => {
    const { decide, asked, last } = setUp(
      engine => (engine.onLoad = async () => ({ ...fakeModel, canComplete: false })),
    );
    expect(await decide(sum)).toBeUndefined();
    expect(last()).toMatchObject({ decidedBy: 'unable-model', shown: false });
    expect(asked).toEqual([]);
  });

  test('that fails shows nothing; the log and the trace say why', async () => {
    const { decide, warnings, last } = setUp(
      engine =>
        (engine.onComplete = async () => {
          throw errors.gpuError('no memory');
        }),
    );
    expect(await decide(sum)).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining('no memory')]);
    expect(last()).toMatchObject({ decidedBy: 'gpuError', shown: false });
    expect(last()?.asked).toMatchObject({ params: { lineLeft: '  return ' } });
    expect(last()?.asked?.stats).toBeUndefined();
  });
});

describe('after a suggestion was accepted', () => {
  const asksForBlock = (asked: CompletionParams[]): boolean[] => asked.map(({ multiline }) => multiline);
  const documentId = placeIn(statement).documentId;

  test('the next request in its document asks for a block, and only that one', async () => {
    const { decider, decide, asked } = setUp();
    decider.accepted(documentId);
    await decide(statement);
    await decide('const other = |');
    expect(asksForBlock(asked)).toEqual([true, false]);
  });

  test('a request that is cancelled does not use that up', async () => {
    const { decider, decide, asked } = setUp(engine => {
      engine.onComplete = async ({ lineLeft }) =>
        lineLeft.startsWith('let') ? answer('', { finishReason: 'superseded' }) : answer('1;');
    });
    decider.accepted(documentId);
    const source = new CancellationTokenSource();
    source.cancel();
    await decide(statement, {}, source.token);
    await decide('let total = |');
    await decide(statement);
    await decide('const other = |');
    expect(asksForBlock(asked)).toEqual([true, true, false]);
  });

  test('a request that a rule forbids does not use it up, one in another document does', async () => {
    const { decider, decide, asked } = setUp();
    decider.accepted(documentId);
    await decide(statement, { cursorCount: 2 });
    await decide(statement);
    decider.accepted(documentId);
    await decide(statement, { documentId: 'other' });
    await decide('const more = |');
    expect(asksForBlock(asked)).toEqual([true, false, false]);
  });

  test('a suggestion that was accepted while an older request was under way counts for the next one', async () => {
    let release: () => void = () => undefined;
    const { decider, decide, asked } = setUp(engine => {
      engine.onComplete = async ({ lineLeft }) => {
        if (lineLeft.startsWith('let')) await new Promise<void>(resolve => (release = resolve));
        return answer('1;');
      };
    });
    const older = decide('let total = |');
    await settle();
    decider.accepted(documentId);
    release();
    await older;
    await decide(statement);
    expect(asksForBlock(asked)).toEqual([false, true]);
  });
});
