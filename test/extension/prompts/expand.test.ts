import { describe, expect, test } from 'vitest';
import { phrase } from '../../../engine/protocol/phrase.ts';
import { promptErrors } from '../../../extension/prompts/errors.ts';
import { expandMessage, fileCharsMax } from '../../../extension/prompts/expand.ts';
import type { Expanded } from '../../../extension/prompts/expanded.ts';
import type { EditorFile } from '../../../extension/prompts/facts.ts';
import { readPromptFile } from '../../../extension/prompts/prompt_file.ts';
import type { FoundPrompt, PromptSources } from '../../../extension/prompts/prompt_sources.ts';

const file: EditorFile = {
  uri: 'file:///w/src/order.ts',
  path: 'src/order.ts',
  fsPath: '/w/src/order.ts',
  languageId: 'typescript',
  text: 'one\ntwo\nthree\nfour',
  cursorLine: 1,
  problems: [
    { severity: 'warning', message: 'too long', startLine: 4, endLine: 4 },
    { severity: 'warning', message: 'unused', startLine: 1, endLine: 1 },
    {
      severity: 'error',
      message: 'Cannot find\n  name',
      source: 'ts',
      code: '2304',
      startLine: 3,
      endLine: 3,
    },
  ],
};
const selected: EditorFile = { ...file, selection: { text: 'three', startLine: 3, endLine: 3 } };

function prompt(text: string, name = 'mine'): FoundPrompt {
  const path = `.github/prompts/${name}.prompt.md`;
  return { ...readPromptFile(text, `${name}.prompt.md`), path, uri: `file:///w/${path}` };
}
function sources(more: Partial<PromptSources> = {}): PromptSources {
  return {
    activeFile: () => file,
    folder: () => ({ name: 'shop', fsPath: '/w' }),
    changes: async () => ({
      uri: 'file:///w',
      staged: true,
      text: 'a.ts (changed)\n+x',
      notes: ['b.ts was cut.'],
    }),
    prompts: async () => [],
    rules: async () => [],
    linked: async (_prompt, link) => ({ missing: link, why: phrase`not there` }),
    askInput: async () => undefined,
    ...more,
  };
}
const expand = async (
  typed: string,
  more?: Partial<PromptSources>,
  about?: EditorFile,
): Promise<Expanded> => {
  const expanded = await expandMessage(typed, sources(more), about);
  expect(expanded).toBeDefined();
  return expanded!;
};
const textOf = ({ parts }: Expanded): string =>
  parts.map(part => (part.type === 'text' ? part.text : '')).join('');
const attached = ({ parts }: Expanded) => parts.filter(part => part.type === 'attachment');

describe('a message without a command', () => {
  test('goes as it is', async () => {
    for (const typed of ['What is this?', '/usr/bin is full'])
      expect(await expand(typed)).toEqual({
        shown: typed,
        parts: [{ type: 'text', text: typed }],
        instructions: undefined,
        rules: [],
        notes: [],
      });
  });

  test('gets the rules of the project for the file at hand', async () => {
    const asked: (readonly string[])[] = [];
    const expanded = await expand('Hi', {
      rules: async paths => {
        asked.push(paths);
        return [
          { kind: 'folder', folder: '', path: 'AGENTS.md', uri: 'file:///w/AGENTS.md', text: 'Be short.' },
        ];
      },
    });
    expect(asked).toEqual([['src/order.ts']]);
    expect(expanded.instructions).toContain('Be short.');
    expect(expanded.rules).toEqual([{ path: 'AGENTS.md', uri: 'file:///w/AGENTS.md', cut: false }]);
  });
});

describe('a command about code', () => {
  test('takes the selection, with its lines and the wish of the user', async () => {
    const expanded = await expand('/explain why three', {}, selected);
    expect(expanded.shown).toBe('/explain why three');
    expect(textOf(expanded)).toContain('What the user adds: why three');
    expect(attached(expanded)).toEqual([
      {
        type: 'attachment',
        kind: 'selection',
        name: 'src/order.ts:3',
        uri: file.uri,
        range: { startLine: 3, endLine: 3 },
        languageId: 'typescript',
        text: 'three',
      },
    ]);
  });

  test('takes the whole file when nothing is selected, and of a long one what is around the cursor', async () => {
    expect(attached(await expand('/review'))[0]).toMatchObject({
      kind: 'file',
      name: 'src/order.ts',
      text: file.text,
    });
    const long = { ...file, text: 'a line\n'.repeat(10_000), cursorLine: 5_000 };
    const expanded = await expand('/review', { activeFile: () => long });
    const [piece] = attached(expanded);
    expect(piece?.kind).toBe('selection');
    expect(piece?.range?.startLine).toBeLessThan(5_000);
    expect(piece?.range?.endLine).toBeGreaterThan(5_000);
    expect(piece?.text.length).toBeLessThanOrEqual(fileCharsMax);
    expect(expanded.notes).toEqual([
      `src/order.ts is long: the model gets lines ${piece?.range?.startLine} to ${piece?.range?.endLine}.`,
    ]);
  });

  test('"fix" names the problems of the code, errors first, and asks for a block with the path', async () => {
    const text = textOf(await expand('/fix'));
    expect(text).toContain(
      '- line 3, error (ts 2304): Cannot find name\n- line 1, warning: unused\n- line 4, warning: too long',
    );
    expect(text).toContain('```typescript src/order.ts');
    const ofSelection = textOf(
      await expand('/fix', {}, { ...selected, selection: { text: 'one', startLine: 1, endLine: 2 } }),
    );
    expect(ofSelection).toContain('unused');
    expect(ofSelection).not.toContain('2304');
    expect(textOf(await expand('/fix', {}, { ...file, problems: [] }))).toContain('Find out what is wrong');
  });

  test('names at most twenty problems and counts the others', async () => {
    const problems = Array.from({ length: 25 }, (_, index) => ({
      severity: 'error' as const,
      message: `no ${index}`,
      startLine: 1,
      endLine: 1,
    }));
    const text = textOf(await expand('/fix', {}, { ...file, problems }));
    expect(text.match(/- line/g)).toHaveLength(20);
    expect(text).toContain('- and 5 more');
  });

  test.each(['tests', 'docs', 'refactor', 'review', 'explain', 'fix', 'FIX'])(
    '/%s asks about code',
    async name => {
      expect(attached(await expand(`/${name}`))).toHaveLength(1);
      await expect(expandMessage(`/${name}`, sources({ activeFile: () => undefined }))).rejects.toThrow(
        promptErrors.noFile(name.toLowerCase()),
      );
    },
  );
});

test('/commit attaches the changes and says what was left out', async () => {
  const expanded = await expand('/commit mention the parser', { activeFile: () => undefined });
  expect(textOf(expanded)).toContain('mention the parser');
  expect(attached(expanded)).toEqual([
    expect.objectContaining({ kind: 'changes', name: 'staged changes', text: 'a.ts (changed)\n+x' }),
  ]);
  expect(expanded.notes).toEqual(['b.ts was cut.']);
});

test('an unknown command names those that there are, the user’s among them', async () => {
  const failure = expandMessage('/fxi it', sources({ prompts: async () => [prompt('x', 'release')] }));
  await expect(failure).rejects.toMatchObject({
    code: 'badUsage',
    message: 'There is no command "/fxi".',
    remedy: expect.stringMatching(/\/explain, \/fix, .*\/commit, \/release\. To send/) as string,
  });
});

describe('a prompt file', () => {
  const run = (text: string, typed: string, more: Partial<PromptSources> = {}, about?: EditorFile) =>
    expandMessage(typed, sources({ prompts: async () => [prompt(text)], ...more }), about);

  test('gives its body with variables filled in, and what was typed behind it', async () => {
    const expanded = await run(
      '---\ndescription: d\n---\nLook at ${fileBasename} (${fileBasenameNoExtension}) in ${fileDirname} of ${workspaceFolderBasename}, ${workspaceFolder}: ${file}\n${selection}|${selectedText}',
      '/Mine and hurry',
      {},
      selected,
    );
    expect(textOf(expanded!)).toBe(
      'Look at order.ts (order) in /w/src of shop, /w: /w/src/order.ts\nthree|three\n\nand hurry',
    );
    expect(expanded!.shown).toBe('/Mine and hurry');
  });

  test('takes the place of a command of Hearth’s own', async () => {
    const expanded = await expandMessage(
      '/fix',
      sources({ prompts: async () => [prompt('My way.', 'Fix')] }),
    );
    expect(textOf(expanded!)).toBe('My way.');
  });

  test('takes inputs from what was typed and asks for the others', async () => {
    const asked: string[] = [];
    const askInput: PromptSources['askInput'] = async ({ name, placeholder }) => {
      asked.push(`${name}: ${placeholder}`);
      return 'asked';
    };
    const expanded = await run('${input:a} ${input:b:The b}', '/mine a=given too', { askInput });
    expect(textOf(expanded!)).toBe('given asked\n\ntoo');
    expect(asked).toEqual(['b: The b']);
    expect(await run('${input:a} ${input:b}', '/mine')).toBeUndefined();
  });

  test.each([
    ['${selection}', { activeFile: () => file }, promptErrors.noSelection('mine')],
    ['${file}', { activeFile: () => undefined }, promptErrors.noFile('mine')],
    ['${workspaceFolder}', { folder: () => undefined }, promptErrors.noFolder('mine')],
    ['---\ndescription: x\n---\n', {}, promptErrors.emptyPrompt('mine')],
  ])('%j without what it needs is an error', async (text, more, error) => {
    await expect(run(text, '/mine', more)).rejects.toThrow(error);
  });

  test('attaches the files it links to, and says which it could not', async () => {
    const expanded = await run(
      'Keep to [rules](../rules.md) and [gone](gone.md). ${selection}',
      '/mine',
      {
        linked: async (_prompt, link) =>
          link === '../rules.md'
            ? { name: '.github/rules.md', uri: 'file:///w/.github/rules.md', text: 'Rules.' }
            : { missing: link, why: phrase`not there` },
      },
      { ...selected, selection: { text: '[not](mine.md)', startLine: 1, endLine: 1 } },
    );
    expect(attached(expanded!)).toEqual([
      {
        type: 'attachment',
        kind: 'file',
        name: '.github/rules.md',
        uri: 'file:///w/.github/rules.md',
        text: 'Rules.',
      },
    ]);
    expect(expanded!.notes).toEqual([
      '.github/prompts/mine.prompt.md links to gone.md. The model does not get it: not there.',
    ]);
  });

  test('says that its tools, model and agent are not used', async () => {
    const header = 'agent: agent\nmodel: GPT-4o\ntools: [search, edit]';
    expect((await run(`---\n${header}\n---\nx`, '/mine'))!.notes).toEqual([
      '.github/prompts/mine.prompt.md asks for the tools search, edit. Hearth answers without them.',
      '.github/prompts/mine.prompt.md asks for the model GPT-4o. Hearth answers with the one that you chose.',
      '.github/prompts/mine.prompt.md asks for the agent agent. Hearth answers without it.',
    ]);
    expect((await run('---\nmode: ask\n---\nx', '/mine'))!.notes).toEqual([]);
  });
});
