// A device that computes wrongly is told with every model that is loaded on it, and the model answers all the same.
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { PassedChecks } from '../../../engine/check/passed.ts';
import { SelfCheck } from '../../../engine/check/self_check.ts';
import { openGpu } from '../../../engine/gpu/device.ts';
import { inEnglish } from '../../../engine/protocol/phrase.ts';
import { ClientSession } from '../../../engine/service/client_session.ts';
import { deviceOf } from '../../../engine/service/device.ts';
import { EngineHost } from '../../../engine/service/engine_host.ts';
import { openModel } from '../../../engine/service/loaded.ts';
import { writeParrot } from '../../support/parrot_model.ts';
import { temporaryDirectory } from '../../support/temporary_directory.ts';

test('what the device computes wrongly is told with the model', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const directory = temporaryDirectory();
  const path = writeParrot(join(directory, 'parrot.gguf'), { script: ['Right'] });
  // All its logits are 0 after a token that is in no script, but for the end's.
  const ids = Array.from({ length: 80 }, () => 5);
  const logits = { model: '', ids, rows: [{ position: 15, ids: [6, 7], logits: [0, 3] }] };
  const gpu = await openGpu();
  const passed = new PassedChecks(join(directory, 'checks'));
  const selfCheck = new SelfCheck(gpu, { passed, known: () => Promise.resolve({ path, logits }) });
  const host = new EngineHost({ device: () => Promise.resolve(deviceOf(gpu, selfCheck)), model: openModel });
  try {
    await host.open();
    const { deviceFault } = await host.load({ path, contextTokensMax: 0 }, () => undefined);
    expect(inEnglish(deviceFault!)).toBe(
      `${gpu.facts.name} (driver ${gpu.facts.driver}) computes wrongly: the embedded model, read in batches, is off by 3.0 (faults in all: 2)`,
    );
    const { text } = await new ClientSession(host).chat(
      { messages: [{ role: 'user', content: 'Well?' }], sampling: { temperature: 0 } },
      { onText: () => undefined },
    );
    expect(text).toBe('Right');
  } finally {
    await host.dispose();
    log.mockRestore();
  }
});
