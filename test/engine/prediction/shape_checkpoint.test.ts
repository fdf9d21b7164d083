// Models of which only the shape is known are loaded like files: they have that shape, and weigh what files of the kind weigh.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readModelConfig } from '../../../engine/model/config/config.ts';
import { shapeOf } from '../../../engine/model/config/shape.ts';
import { shapeCheckpoint } from '../../../engine/prediction/shape_checkpoint.ts';
import { parseCatalogue } from '../../../engine/shared/architecture/catalogue.ts';
import { weightBytes } from '../../../engine/shared/architecture/footprint.ts';
import { storageMix } from '../../../engine/shared/architecture/storage_mixes.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';

const file = new URL('../../../media/catalogue.json', import.meta.url);
const catalogue = parseCatalogue(readFileSync(file, 'utf8'), 'catalogue.json');

test.each(catalogue)('$id', async entry => {
  const { shape, contextTokens, architecture } = entry;
  for (const { quantization } of entry.variants) {
    const mix = storageMix(quantization);
    // How these are stored only the file says.
    if (quantization.startsWith('UD-')) {
      expect(mix).toBeUndefined();
      continue;
    }
    if (!mix) throw new Error(`the mix of ${quantization} is not known`);
    const checkpoint = shapeCheckpoint(entry, mix);
    const config = readModelConfig(checkpoint);
    expect(config).toMatchObject({ contextTokens, architecture });
    const { mtpLayers: _, ...sizes } = shape;
    const expertLayers = shape.experts > 0 ? shape.layers : 0;
    expect(shapeOf(config, 0)).toEqual({ ...sizes, expertLayers, mtpLayers: 0 });
    const bytes = [...checkpoint.tensors.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
    const weighed = weightBytes({ ...shape, mtpLayers: 0 }, quantization)?.total ?? 0;
    expect(bytes / weighed, quantization).toBeGreaterThan(0.99);
    expect(bytes / weighed, quantization).toBeLessThan(1.01);
  }
});

test('nothing can be read of it', async () => {
  const checkpoint = shapeCheckpoint(catalogue[0]!, () => 'Q8_0');
  const [tensor] = checkpoint.tensors.values();
  const read = () => checkpoint.read(tensor!, 0, new Uint8Array(4));
  expect((await hearthErrorOf(read)).code).toBe('internal');
});
