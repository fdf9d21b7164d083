import { expect, test } from 'vitest';
import { modelText, serverText } from '../../scripts/start_text.mjs';

test('the end of the start says where to go, from another machine too, and which model runs', () => {
  const text = serverText({
    address: 'http://127.0.0.1:4690/?folder=x',
    port: 4690,
    log: '.tools/start/server.log',
    model: modelText([]),
  });
  expect(text).toContain('Hearth runs in VS Code at http://127.0.0.1:4690/?folder=x\n');
  expect(text).toContain('ssh -L 4690:127.0.0.1:4690 ');
  for (const part of [
    'a click on the flame',
    'the embedded model hearth-tiny',
    'Ctrl+C',
    '.tools/start/server.log',
  ])
    expect(text).toContain(part);
});

test('a model that was chosen is named, the last choice of all files', () => {
  const user = '{\n  // mine\n  "hearth.model.path": "/models/a.gguf",\n  "a": 1\n}';
  const machine = '{"hearth.model.path": "C:\\\\models\\\\b.gguf"}';
  expect(modelText([user])).toBe('/models/a.gguf, as chosen in Hearth.');
  expect(modelText([user, machine])).toContain('C:\\models\\b.gguf, ');
  expect(modelText(['{ "hearth.chat.topK": 4 }', '{}'])).toContain('hearth-tiny');
});

test('an empty choice and a commented one are none', () => {
  expect(modelText(['{\n  // "hearth.model.path": "/models/a.gguf"\n}'])).toContain('hearth-tiny');
  expect(modelText(['{ "hearth.model.path": "" }'])).toContain('hearth-tiny');
});
