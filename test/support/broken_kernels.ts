// A device on which some kernels compute something else, as a driver that compiles them wrongly would have it.
import type { Gpu } from '../../engine/gpu/device.ts';
import type { PipelineSpec } from '../../engine/gpu/pipeline.ts';

/** Kernels whose WGSL holds `where` get `by` in place of `text`; returns how to mend them. */
export function breakKernels(
  { pipelines }: Gpu,
  { where, text, by }: { where: string; text: string; by: string },
): () => void {
  const { get, prepare } = pipelines;
  const changed = (spec: PipelineSpec): PipelineSpec => {
    const { source, preamble = '' } = spec;
    if (!`${preamble}${source}`.includes(where)) return spec;
    return { ...spec, source: source.replace(text, by), preamble: preamble.replace(text, by) };
  };
  pipelines.get = spec => get.call(pipelines, changed(spec));
  pipelines.prepare = (specs, options) => prepare.call(pipelines, [...specs].map(changed), options);
  return () => Object.assign(pipelines, { get, prepare });
}
