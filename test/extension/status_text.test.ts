import { phrase } from '../../engine/protocol/phrase.ts';
import { describe, expect, test } from 'vitest';
import { errors } from '../../engine/protocol/errors.ts';
import { linkErrors } from '../../extension/link/errors.ts';
import { firstTimeNote } from '../../extension/link/load_progress.ts';
import { statusText, type StatusFacts } from '../../extension/status_text.ts';
import { fakeDevice, fakeModel } from '../fakes/fake_engine.ts';

const facts = (more: Partial<StatusFacts> = {}): StatusFacts => ({
  engine: { kind: 'ready', device: fakeDevice, model: fakeModel, generation: 1 },
  modelName: 'chosen',
  workspace: {
    state: 'none',
    fileCount: 0,
    filesSeen: '',
    leftOut: [],
    leftOutMore: 0,
    blockTokens: 0,
    budgetTokens: 0,
  },
  completionsOn: true,
  ...more,
});

describe('status text', () => {
  test('names model, device and speed when ready', () => {
    const { text, lines, severity } = statusText(facts({ tokensPerSecond: 41.26 }));
    expect(text).toBe('$(flame) Hearth 41 tok/s');
    expect(lines).toEqual([
      'Model: chosen (F32)',
      'Device: fake device (memory), a CPU in place of a GPU: slow',
      'Completions: on',
      'Last answer: 41.3 tokens/s',
    ]);
    expect(severity).toBe('normal');
  });

  test('says what starts the engine, with a way to start it now', () => {
    const { text, lines, action } = statusText(facts({ engine: { kind: 'stopped' } }));
    expect(text).toBe('$(flame) Hearth');
    expect(lines.slice(0, 2)).toEqual(['Hearth starts with your first question', 'Model: chosen']);
    expect(action).toEqual({ title: 'Start now', command: 'hearth.startEngine' });
    expect(statusText(facts()).action).toBeUndefined();
  });

  test('says that the engine rests and the GPU is free', () => {
    const { text, lines, action } = statusText(facts({ engine: { kind: 'stopped', rest: 'idle' } }));
    expect(text).toBe('$(flame) Hearth: resting');
    expect(lines[0]).toBe('Resting: the GPU is free. Your next question starts the model again');
    expect(action?.command).toBe('hearth.startEngine');
  });

  test('says where only the text part of a model is used', () => {
    const model = { ...fakeModel, textOnly: true };
    const { lines } = statusText(
      facts({ engine: { kind: 'ready', device: fakeDevice, model, generation: 1 } }),
    );
    expect(lines[1]).toBe('Only the text part of this model is used, not its part for pictures');
  });

  test("says why a model's own chat template is not used", () => {
    const model = { ...fakeModel, templateFault: phrase`it does not parse` };
    const { lines } = statusText(
      facts({ engine: { kind: 'ready', device: fakeDevice, model, generation: 1 } }),
    );
    expect(lines[1]).toContain(
      'chat template is not used, but the plain form of its family: it does not parse.',
    );
  });

  test('says what the device computes wrongly, beside its name', () => {
    const model = { ...fakeModel, deviceFault: phrase`A GPU computes wrongly: c` };
    const { lines } = statusText(
      facts({ engine: { kind: 'ready', device: fakeDevice, model, generation: 1 } }),
    );
    expect(lines.slice(1, 3).join()).toMatch(
      /^Device: .*,A GPU computes wrongly: c\. .*hearth\.gpu\.adapter/,
    );
  });

  test('shows how far the model is loaded', () => {
    const progress = { stage: 'uploading', doneBytes: 55, totalBytes: 100 } as const;
    const { text, lines } = statusText(facts({ engine: { kind: 'loading', device: fakeDevice, progress } }));
    expect(text).toBe('$(loading~spin) Hearth 44 %');
    expect(lines[0]).toBe('Loading the model, 44 %');
    const begun = statusText(facts({ engine: { kind: 'loading', device: fakeDevice } }));
    expect([begun.text, begun.lines[0]]).toEqual(['$(loading~spin) Hearth', 'Loading the model']);
  });

  test('shows that kernels compile, is not complete meanwhile, and says that it is slow only once', () => {
    const kernels = { done: 60, total: 60 };
    const progress = { stage: 'compiling', doneBytes: 9, totalBytes: 9, kernels } as const;
    const { text, lines } = statusText(facts({ engine: { kind: 'loading', device: fakeDevice, progress } }));
    expect(text).toBe('$(loading~spin) Hearth 99 %');
    expect(lines.slice(0, 2)).toEqual(['Preparing the GPU: 60 of 60', firstTimeNote()]);
  });

  test('has a line for kernels that compile in the background', () => {
    const compiling = { done: 31, total: 60 };
    const { text, lines, severity } = statusText(
      facts({ engine: { kind: 'ready', device: fakeDevice, model: fakeModel, generation: 1, compiling } }),
    );
    expect([text, severity]).toEqual(['$(flame) Hearth', 'normal']);
    expect(lines).toContain(`Preparing the GPU in the background: 31 of 60. ${firstTimeNote()}`);
    expect(statusText(facts()).lines.join()).not.toContain('ompiling');
  });

  test('names a failure and its remedy', () => {
    const { text, lines, severity } = statusText(
      facts({ engine: { kind: 'failed', error: errors.noAdapter('none') } }),
    );
    expect([text, severity]).toEqual(['$(error) Hearth', 'error']);
    expect(lines).toContain(errors.noAdapter('none').remedy);
  });

  test('warns while the engine starts again', () => {
    expect(
      statusText(facts({ engine: { kind: 'restarting', error: linkErrors.engineExited('x'), attempt: 2 } })),
    ).toMatchObject({ severity: 'warning' });
  });

  test('shows that completions are off, everywhere or for the language', () => {
    expect(statusText(facts({ completionsOn: false }))).toMatchObject({
      text: '$(circle-slash) Hearth',
      lines: expect.arrayContaining(['Completions: off']),
    });
    expect(statusText(facts({ language: { id: 'go', on: false } }))).toMatchObject({
      text: '$(circle-slash) Hearth',
      lines: expect.arrayContaining(['Completions: off for go']),
    });
  });

  test('counts files while the workspace is read', () => {
    const workspace = { ...facts().workspace, name: 'p', state: 'reading', fileCount: 7 } as const;
    expect(statusText(facts({ workspace })).text).toBe('$(loading~spin) Hearth 7 files');
  });
});
