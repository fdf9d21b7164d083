import { describe, expect, test } from 'vitest';
import { linkedFiles, readPromptFile } from '../../../extension/prompts/prompt_file.ts';

describe('readPromptFile', () => {
  test('reads the header of the form that the editor documents', () => {
    const file = readPromptFile(
      `---
agent: 'agent'
model: GPT-4o
tools: ['githubRepo', 'search/codebase']
description: 'Generate a new form'
argument-hint: name and fields
---
Make a form.
`,
      'create-form.prompt.md',
    );
    expect(file).toEqual({
      name: 'create-form',
      description: 'Generate a new form',
      argumentHint: 'name and fields',
      agent: 'agent',
      model: 'GPT-4o',
      tools: ['githubRepo', 'search/codebase'],
      body: 'Make a form.',
      headerFault: undefined,
    });
  });

  test('takes the older "mode", a name of its own, and a file without a header', () => {
    expect(readPromptFile('---\nmode: ask\nname: My Form\n---\nx', 'a.prompt.md')).toMatchObject({
      name: 'My-Form',
      agent: 'ask',
    });
    expect(readPromptFile('Only text', 'Two words.prompt.md')).toMatchObject({
      name: 'Two-words',
      body: 'Only text',
      tools: [],
    });
  });
});

describe('linkedFiles', () => {
  test('finds links of Markdown and #file, each once, without their fragments', () => {
    expect(
      linkedFiles(`See [rules](../rules.md#part "title"), [again](../rules.md), [a b](docs/a%20b.md) and
[ref][1]. #file:src/main.ts too

[1]: ./notes.md`),
    ).toEqual(['../rules.md', 'docs/a b.md', './notes.md', 'src/main.ts']);
  });

  test('leaves out what is no file: web links, anchors, pictures, and what stands in code', () => {
    expect(
      linkedFiles(
        '[w](https://example.com) [c](command:x) [h](#part) [s](//server/x) ![p](p.png) `[i](in.md)`\n\n```\n[f](fence.md)\n```\n\nx#file:no',
      ),
    ).toEqual([]);
  });

  test('a percent sign that encodes nothing is itself', () => {
    expect(linkedFiles('[x](<100% sure.md>)')).toEqual(['100% sure.md']);
  });
});
