// Advice about everything on the model page for one machine: what the catalogue offers and what is there. Pure.
import { adviseFit } from './advice.ts';
import type { CatalogueEntry, DeviceFacts, InstalledModel, MachineAdvice, ModelOrigin } from '../types.ts';

/** One piece of advice for each variant of the catalogue, and for each installed model of a known shape. */
export function adviseAll(
  catalogue: readonly CatalogueEntry[],
  installed: readonly InstalledModel[],
  device: DeviceFacts,
): MachineAdvice {
  return {
    variants: catalogue.flatMap(entry =>
      entry.variants.map(({ quantization, bytes }) => {
        const own = installed.find(({ origin }) => isOf(origin, entry, quantization));
        const question = { ...entry, quantization, fileBytes: own?.bytes ?? bytes };
        const advice = adviseFit(own ? { ...question, downloadBytes: 0 } : question, device);
        return { entryId: entry.id, quantization, advice };
      }),
    ),
    installed: installed.flatMap(({ id, bytes, shape, shapeUnconfirmed, contextTokens, origin }) => {
      if (!shape || contextTokens === undefined) return [];
      const quantization = (origin.kind === 'hub' && origin.quantization) || '';
      const known = { shape, shapeUnconfirmed, contextTokens, quantization };
      const question = { ...known, fileBytes: bytes, downloadBytes: 0 };
      return [{ modelId: id, advice: adviseFit(question, device) }];
    }),
  };
}

function isOf(origin: ModelOrigin, entry: CatalogueEntry, quantization: string): boolean {
  if (origin.kind === 'embedded') return entry.repository === undefined;
  return origin.kind === 'hub' && origin.entryId === entry.id && origin.quantization === quantization;
}
