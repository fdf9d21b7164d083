// NVFP4 in GGUF: the scale of a whole tensor, or of each of its experts, lies beside it in a tensor of its own (docs/MODEL.md 3.5).
import { errors } from '../protocol/errors.ts';
import { phrase } from '../protocol/phrase.ts';
import type { TensorEntry } from './checkpoint.ts';
import { describeValue } from './describe_value.ts';
import { elementCount } from './quant.ts';

/** Gives every NVFP4 tensor its scales, if it has any. Throws badCheckpoint for scales that do not fit, or of another type's tensor. */
export function pairTensorScales(path: string, tensors: ReadonlyMap<string, TensorEntry>): void {
  for (const tensor of tensors.values()) {
    if (!tensor.name.endsWith('.weight')) continue;
    const scales =
      tensors.get(`${tensor.name.slice(0, -'.weight'.length)}.scale`) ?? tensors.get(`${tensor.name}.scale`);
    if (!scales) continue;
    if (tensor.type !== 'NVFP4')
      throw errors.badCheckpoint(
        path,
        phrase`"${tensor.name}" is stored as ${tensor.type} with the scale "${scales.name}", which Hearth reads beside NVFP4 only`,
      );
    const [columns = 1, rows = 1, ...matrices] = [...tensor.shape].reverse();
    const count = elementCount(matrices);
    if (elementCount(scales.shape) !== count)
      throw errors.badCheckpoint(
        path,
        phrase`"${scales.name}" has the shape ${describeValue(scales.shape)}, not ${describeValue([count])}`,
      );
    tensor.blockScales = { tensor: scales, rows, columns };
  }
}
