// What a recorded kernel reads of the model's weights, by the tensors it binds.
import type { Dispatch } from '../../engine/gpu/dispatch.ts';
import type { WeightFormat, WeightMatrix } from '../../engine/kernels/weight_matrix.ts';
import type { ModelConfig } from '../../engine/model/config/config_types.ts';

/** The weights of one kernel as one matrix [outputs, columns] that `rows` rows are multiplied with. */
export interface WeightUse {
  /** Of the first, where one kernel multiplies by several. */
  format: WeightFormat;
  /** Rows of weights read: of experts, those chosen. */
  outputs: number;
  columns: number;
  /** Rows of activations that meet each row of weights; of experts, on average. */
  rows: number;
  /** Bytes of those weights. */
  bytes: number;
  experts: boolean;
}

interface Place {
  matrix: WeightMatrix;
  part: number;
}

export class WeightIndex {
  readonly #places = new Map<number, Place>();

  constructor(
    matrices: readonly WeightMatrix[],
    private readonly config: ModelConfig,
  ) {
    for (const matrix of matrices)
      for (const [part, { planes }] of matrix.parts.entries())
        for (const plane of planes) this.#places.set(plane.id, { matrix, part });
  }

  /** Undefined for a kernel that multiplies nothing by weights. `batch`: tokens of the forward pass. */
  useOf({ spec, tensors }: Dispatch, batch: number): WeightUse | undefined {
    if (spec.name.startsWith('embed')) return undefined;
    const places = new Map<string, Place>();
    for (const tensor of tensors) {
      const place = this.#places.get(tensor.id);
      if (place) places.set(`${place.matrix.label} ${place.part}`, place);
    }
    const [first] = places.values();
    if (!first) return undefined;
    const { format, columns } = first.matrix;
    const experts = isOfExperts(first.matrix);
    const shared = first.matrix.label.includes('.experts+shared.') ? 1 : 0;
    const expertCount = this.config.expertCount + shared;
    const expertsPerToken = this.config.expertsPerToken + shared;
    const chosen = Math.min(1, (batch * expertsPerToken) / expertCount);
    let elements = 0;
    let bytes = 0;
    for (const { matrix, part } of places.values()) {
      const { rowCount, planes } = matrix.parts[part] as WeightMatrix['parts'][number];
      const share = isOfExperts(matrix) ? chosen : 1;
      elements += rowCount * matrix.columns * share;
      bytes += planes.reduce((sum, plane) => sum + plane.byteLength, 0) * share;
    }
    return {
      format,
      outputs: elements / columns,
      columns,
      rows: experts ? (batch * expertsPerToken) / (expertCount * chosen) : batch,
      bytes,
      experts,
    };
  }
}

function isOfExperts({ label }: WeightMatrix): boolean {
  return label.includes('.experts.') || label.includes('.experts+shared.');
}
