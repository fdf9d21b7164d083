// FP8 checkpoints: which scales belong to which weights. quantization_config says how large a block is; the scales of NAME lie in
// NAME_scale_inv, one for each block (docs/MODEL.md 2.6).
import { unreadQuantization } from '../shared/architecture/quantization.ts';
import { errors } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';
import type { TensorEntry } from './checkpoint.ts';
import { fp8ColumnsMultiple } from './quant.ts';
import { describeValue } from './describe_value.ts';

/** Gives every FP8 tensor its scales, if it has any: whoever needs them misses them by name. Throws badCheckpoint. */
export function pairBlockScales(
  path: string,
  config: Record<string, unknown>,
  tensors: ReadonlyMap<string, TensorEntry>,
): void {
  const block = readBlockSize(path, config);
  for (const tensor of tensors.values()) {
    const scales = tensors.get(`${tensor.name}_scale_inv`);
    if (tensor.type !== 'F8_E4M3' || !scales) continue;
    const [columns = 1, rows = 1, ...matrices] = [...tensor.shape].reverse();
    const wanted = [...matrices.reverse(), Math.ceil(rows / block.rows), Math.ceil(columns / block.columns)];
    if (scales.shape.join() !== wanted.join())
      throw errors.badCheckpoint(
        path,
        phrase`"${scales.name}" has the shape ${describeValue(scales.shape)}, not ${describeValue(wanted)}`,
      );
    tensor.blockScales = { tensor: scales, ...block };
  }
}

const blockDefault = [128, 128];

function readBlockSize(path: string, config: Record<string, unknown>): { rows: number; columns: number } {
  const text = (config['text_config'] ?? {}) as Record<string, unknown>;
  const quantization = config['quantization_config'] ?? text['quantization_config'] ?? {};
  if (typeof quantization !== 'object' || Array.isArray(quantization))
    throw errors.badCheckpoint(
      path,
      phrase`quantization_config is ${describeValue(quantization)}, not an object`,
    );
  const unread = unreadQuantization(config);
  if (unread !== undefined)
    throw errors.badCheckpoint(
      path,
      phrase`its weights are quantised (${unread}) in a way that Hearth does not read`,
    );
  const { weight_block_size: size } = quantization as { weight_block_size?: unknown };
  const [rows, columns, ...more] = Array.isArray(size ?? blockDefault)
    ? ((size ?? blockDefault) as unknown[])
    : [];
  if (!isCount(rows) || !isCount(columns) || columns % fp8ColumnsMultiple !== 0 || more.length > 0)
    throw errors.badCheckpoint(
      path,
      phrase`weight_block_size is ${describeValue(size)}, not two numbers of which the second is a multiple of ${fp8ColumnsMultiple}`,
    );
  return { rows, columns };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
