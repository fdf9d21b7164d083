// Actions of the light bulb: what is offered where, and what they ask in the chat. Nothing here depends on the answer.
import assert from 'node:assert/strict';
import {
  commands,
  ConfigurationTarget,
  Diagnostic,
  DiagnosticSeverity,
  DocumentSymbol,
  languages,
  Range,
  SymbolKind,
  window,
  workspace,
  type CodeAction,
  type Disposable,
  type TextDocument,
} from 'vscode';
import type { Message, UserMessage } from '../../extension/chat/conversation.ts';
import { hearth, until } from './hearth.ts';

const text = Array.from({ length: 60 }, (_, index) => `line ${index + 1}`).join('\n');
const settings = () => workspace.getConfiguration('hearth');
const hasEnded = (message: Message): boolean => message.role !== 'assistant' || message.status !== 'running';

suite('code actions', () => {
  const problems = languages.createDiagnosticCollection('test');
  const disposables: Disposable[] = [problems];
  let document: TextDocument;

  suiteSetup(async () => {
    await hearth().activate();
    document = await workspace.openTextDocument({ language: 'plaintext', content: text });
    await window.showTextDocument(document);
    const problem = new Diagnostic(new Range(29, 0, 29, 4), 'Line is not a verb', DiagnosticSeverity.Error);
    Object.assign(problem, { source: 'grammar', code: 'G7' });
    const other = new Diagnostic(new Range(50, 0, 50, 4), 'Another problem', DiagnosticSeverity.Warning);
    problems.set(document.uri, [problem, other]);
    const inner = new DocumentSymbol(
      'inner',
      '',
      SymbolKind.Method,
      new Range(5, 0, 8, 6),
      new Range(5, 0, 5, 6),
    );
    const outer = new DocumentSymbol(
      'outer',
      '',
      SymbolKind.Class,
      new Range(2, 0, 12, 7),
      new Range(2, 0, 2, 6),
    );
    outer.children = [inner];
    disposables.push(
      languages.registerDocumentSymbolProvider('plaintext', { provideDocumentSymbols: () => [outer] }),
    );
  });
  suiteTeardown(() => disposables.forEach(one => one.dispose()));
  teardown(async () => {
    await commands.executeCommand('hearth.stop');
    // A question that is asked while an answer runs would wait in the queue.
    const { conversation } = await hearth().activate();
    await until('the end of the answer', () => conversation().messages.every(hasEnded) || undefined);
    await settings().update('codeActions.enabled', undefined, ConfigurationTarget.Global);
  });

  const actionsAt = async (range: Range): Promise<CodeAction[]> => {
    const all = await commands.executeCommand<CodeAction[]>(
      'vscode.executeCodeActionProvider',
      document.uri,
      range,
    );
    return all.filter(({ title }) => title.includes('Hearth'));
  };
  const titlesAt = async (range: Range): Promise<string[]> =>
    (await actionsAt(range)).map(({ title }) => title).sort();
  /** Runs the action and gives the question that it has asked. */
  const asked = async (range: Range, title: string): Promise<UserMessage> => {
    const { conversation } = await hearth().activate();
    const before = conversation().messages.length;
    const action = (await actionsAt(range)).find(one => one.title === title);
    assert.ok(action?.command, `${title} is not offered`);
    const { command, arguments: given = [] } = action.command;
    void commands.executeCommand(command, ...(given as unknown[]));
    return until('a question', () =>
      conversation()
        .messages.slice(before)
        .find(message => message.role === 'user'),
    );
  };

  test('problems can be explained and fixed', async () => {
    assert.deepEqual(await titlesAt(new Range(29, 1, 29, 1)), ['Explain with Hearth', 'Fix with Hearth']);
    assert.deepEqual(await titlesAt(new Range(40, 0, 40, 0)), []);
  });

  test('a fix asks about the problem with the lines around it', async () => {
    const { shown, parts } = await asked(new Range(29, 1, 29, 1), 'Fix with Hearth');
    assert.equal(shown, '/fix');
    const [words, code] = parts;
    assert.ok(words?.type === 'text' && code?.type === 'attachment');
    assert.match(words.text, /line 30, error \(grammar G7\): Line is not a verb/);
    assert.doesNotMatch(words.text, /Another problem/);
    assert.match(words.text, /```plaintext Untitled/);
    assert.deepEqual(code.range, { startLine: 20, endLine: 40 });
    assert.equal(code.text, text.split('\n').slice(19, 40).join('\n'));
  });

  test('the innermost symbol at the cursor can be documented and tested', async () => {
    assert.deepEqual(await titlesAt(new Range(6, 0, 6, 0)), [
      'Document with Hearth',
      'Write Tests with Hearth',
    ]);
    const { shown, parts } = await asked(new Range(6, 0, 6, 0), 'Document with Hearth');
    assert.equal(shown, '/docs');
    assert.deepEqual(parts.find(part => part.type === 'attachment')?.range, { startLine: 6, endLine: 9 });
  });

  test('a selection can be documented and tested where there is no symbol', async () => {
    const { shown, parts } = await asked(new Range(41, 0, 43, 0), 'Write Tests with Hearth');
    assert.equal(shown, '/tests');
    assert.deepEqual(parts.find(part => part.type === 'attachment')?.range, { startLine: 42, endLine: 43 });
  });

  test('the command of the menu asks about the file in the editor', async () => {
    const { conversation } = await hearth().activate();
    const before = conversation().messages.length;
    void commands.executeCommand('hearth.review', document.uri);
    const question = await until('a question', () => conversation().messages[before]);
    assert.ok(question.role === 'user');
    assert.equal(question.shown, '/review');
    assert.equal(question.parts.find(part => part.type === 'attachment')?.text, text);
  });

  test('a setting turns them off', async () => {
    await settings().update('codeActions.enabled', false, ConfigurationTarget.Global);
    assert.deepEqual(await titlesAt(new Range(29, 1, 29, 1)), []);
    assert.deepEqual(await titlesAt(new Range(6, 0, 6, 0)), []);
  });
});
