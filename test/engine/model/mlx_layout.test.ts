// A model converted for MLX without quantising: its norms hold their +1 already, which only the layout of its convolutions tells.
import { expect, test } from 'vitest';
import { openCheckpoint } from '../../../engine/checkpoint/open_checkpoint.ts';
import { readModelConfig } from '../../../engine/model/config/config.ts';
import { huggingFaceSources } from '../../../engine/model/weights/sources_hf.ts';
import { TensorFinder } from '../../../engine/model/weights/tensor_finder.ts';
import { fixturePath } from '../../support/golden.ts';
import { hearthErrorOf } from '../../support/hearth_error.ts';

test('a convolution in the layout of MLX is refused by name', async () => {
  const checkpoint = await openCheckpoint(fixturePath('default'));
  const name = 'model.layers.0.linear_attn.conv1d.weight';
  const conv = checkpoint.tensors.get(name)!;
  const sources = () => huggingFaceSources(new TensorFinder(checkpoint), readModelConfig(checkpoint));
  expect(sources().layers[0]?.mixer.kind).toBe('linear');
  const [channels, one, kernel] = conv.shape as [number, number, number];
  conv.shape = [channels, kernel, one];
  const error = await hearthErrorOf(sources);
  expect(error.code).toBe('badCheckpoint');
  expect(error.message).toContain(
    `"${name}" has shape [${channels}, ${kernel}, 1], expected ${channels}×1×${kernel}`,
  );
  await checkpoint.close();
});
