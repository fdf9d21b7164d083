// Advice about everything on the model page for one machine: what the catalogue offers and what is there. Pure.
import type { CatalogueEntry } from '../../engine/shared/architecture/catalogue.ts';
import { adviseFit, type FitAdvice, type MachineFacts } from './fit/advice.ts';
import type { InstalledModel } from './installed_model.ts';
import type { ModelOrigin } from './transfer/model_on_disk.ts';

export interface VariantAdvice {
  entryId: string;
  quantization: string;
  advice: FitAdvice;
}

/** Advice about everything that the page lists. */
export interface MachineAdvice {
  variants: VariantAdvice[];
  /** Only about models of a known shape. */
  installed: { modelId: string; advice: FitAdvice }[];
}

/** One piece of advice for each variant of the catalogue, and for each installed model of a known shape. */
export function adviseAll(
  catalogue: readonly CatalogueEntry[],
  installed: readonly InstalledModel[],
  machine: MachineFacts,
): MachineAdvice {
  return {
    variants: catalogue.flatMap(entry =>
      entry.variants.map(({ quantization, bytes }) => {
        const own = installed.find(({ origin }) => isOf(origin, entry, quantization));
        const question = { ...entry, quantization, fileBytes: own?.bytes ?? bytes };
        const advice = adviseFit(own ? { ...question, downloadBytes: 0 } : question, machine);
        return { entryId: entry.id, quantization, advice };
      }),
    ),
    installed: installed.flatMap(({ id, bytes, shape, shapeUnconfirmed, contextTokens, origin }) => {
      if (!shape || contextTokens === undefined) return [];
      const quantization = (origin.kind === 'hub' && origin.quantization) || '';
      const question = {
        shape,
        shapeUnconfirmed,
        contextTokens,
        quantization,
        fileBytes: bytes,
        downloadBytes: 0,
      };
      return [{ modelId: id, advice: adviseFit(question, machine) }];
    }),
  };
}

function isOf(origin: ModelOrigin, entry: CatalogueEntry, quantization: string): boolean {
  if (origin.kind === 'embedded') return entry.repository === undefined;
  return origin.kind === 'hub' && origin.entryId === entry.id && origin.quantization === quantization;
}
