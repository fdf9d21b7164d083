// From the library of models to what the model page shows. Pure; the page never learns a type of the library.
import type {
  CatalogueView,
  DownloadView,
  InstalledView,
  ModelsView,
  VariantView,
} from '../../../webview/protocol.ts';
import { amount } from '../amount.ts';
import { lookUpView } from './page_look_up_view.ts';
import {
  atCommit,
  boundOf,
  filesView,
  fitView,
  mayNeedToken,
  stateOf,
  type PageSource,
} from './page_parts.ts';
import type * as t from '../types.ts';

/** Below this many tokens per second a model is not suggested: reading is faster. */
const comfortableTokensPerSecond = 5;

/** The whole page. */
export function modelsView(source: PageSource): ModelsView {
  const { library, catalogue, problem, hasToken } = source;
  const suggested = suggestedEntry(source);
  return {
    device: deviceLine(source.probe),
    storage: `Models are kept in ${source.folder}${source.diskFreeBytes === undefined ? '' : ` · ${amount(source.diskFreeBytes)} free`}`,
    hasToken,
    installed: library.installed.map(model => installedView(model, source)),
    catalogue: catalogue.flatMap(entry => catalogueView(entry, source, entry === suggested)),
    downloads: library.downloads
      .filter(one => !isSettled(one, source))
      .map(one => downloadView(one, library.installed)),
    lookUp: lookUpView(source),
    problem: problem && { message: problem.message, remedy: problem.remedy },
  };
}

/** One line about the machine. */
function deviceLine(probe: t.DeviceProbe | undefined): string {
  if (!probe) return 'The GPU has not been looked at yet; advice follows.';
  const { adapterName, software, allocatableBytes, allocatableIsLowerBound, bandwidthBytesPerSecond } = probe;
  if (software) return `${adapterName} · no GPU: models run on the processor, slowly`;
  return [
    adapterName,
    ...(allocatableBytes === undefined
      ? []
      : [`room for ${allocatableIsLowerBound ? 'at least' : 'about'} ${amount(allocatableBytes)}`]),
    ...(bandwidthBytesPerSecond === undefined
      ? []
      : [`${Math.round(bandwidthBytesPerSecond / 1e9)} GB/s measured`]),
  ].join(' · ');
}

/** The largest model that surely fits and is pleasant to use; the catalogue goes from small to large. */
function suggestedEntry({ catalogue, advice, probe }: PageSource): t.CatalogueEntry | undefined {
  if (!probe || probe.software) return undefined;
  return catalogue.findLast(
    entry =>
      entry.repository !== undefined &&
      entry.variants.some(({ quantization }) => {
        const found = variantAdvice(advice, entry.id, quantization);
        return (
          found?.verdict === 'fits' &&
          found.diskFits !== false &&
          (found.tokensPerSecond?.low ?? 0) >= comfortableTokensPerSecond
        );
      }),
  );
}

function catalogueView(entry: t.CatalogueEntry, source: PageSource, recommended: boolean): CatalogueView[] {
  const { repository } = entry;
  if (repository === undefined) return [];
  const { id, name, description, goodAt, licence, contextTokens, contextTokensYarn } = entry;
  const variants = entry.variants.map(({ quantization, bytes }): VariantView => {
    const advice = variantAdvice(source.advice, id, quantization);
    const size = { bytes: bytes ?? advice?.weightBytes ?? 0, bytesKnown: bytes !== undefined };
    const model = source.library.installed.find(({ origin }) => isVariant(origin, id, quantization));
    const arriving = source.library.downloads.some(
      ({ choice, phase }) =>
        choice?.kind === 'catalogue' &&
        choice.entryId === id &&
        choice.quantization === quantization &&
        phase !== 'done',
    );
    return {
      label: quantization,
      ...size,
      fit: advice && fitView(advice),
      ...stateOf(model, arriving, source),
    };
  });
  return [
    {
      ...{ id, name, description, goodAt, licence, contextTokens, repository, recommended, variants },
      contextTokensMax: contextTokensYarn,
      textOnly: entry.textOnly ?? false,
      offered: offeredVariant(variants, entry.defaultVariant),
    },
  ];
}

/** What is there already, else the default where it may fit, else the first that does. */
function offeredVariant(variants: readonly VariantView[], usual: string): string {
  const there = variants.find(({ state }) => state !== 'available');
  const mayFit = ({ fit }: VariantView): boolean => fit?.verdict !== 'does-not-fit';
  const first = variants.find(variant => variant.label === usual && mayFit(variant)) ?? variants.find(mayFit);
  return (there ?? first)?.label ?? usual;
}

function installedView(model: t.InstalledModel, source: PageSource): InstalledView {
  const { id, name, bytes, origin, managed } = model;
  const verifying = source.library.verifying.find(one => one.id === id);
  const { advice } = source.advice.installed.find(({ modelId }) => modelId === id) ?? {};
  const current = source.isCurrent(model);
  return {
    ...{ id, name, bytes },
    origin: originText(model),
    current,
    removal: origin.kind === 'embedded' ? 'none' : managed ? 'delete' : 'forget',
    fit: advice && fitView(advice),
    context: contextView(model, current, source),
    verifying: verifying && { bytesDone: verifying.bytesDone, bytesTotal: verifying.bytesTotal },
    checked: source.checked.get(id),
    files: filesView(
      model.files.map(file => (file.fromHub ? file : { ...file, sha256: undefined })),
      {
        revision: origin.kind === 'hub' ? origin.revision : undefined,
        licence: model.licence,
      },
    ),
  };
}

/** How much context a model has or would have when that is less than its own. */
function contextView(
  { path, contextTokens }: t.InstalledModel,
  current: boolean,
  { contextOf, contextSetting }: PageSource,
): InstalledView['context'] {
  const tokens = contextSetting > 0 ? (current ? contextSetting : undefined) : contextOf(path);
  const bound = tokens === undefined ? undefined : boundOf(tokens, contextTokens, contextSetting);
  return bound && tokens !== undefined ? { tokens, bound } : undefined;
}

function originText({ origin, path }: t.InstalledModel): string {
  switch (origin.kind) {
    case 'embedded':
      return 'Comes with Hearth';
    case 'hub':
      return atCommit(origin.repository, origin.revision);
    case 'folder':
      return `Imported from ${origin.path}`;
    case 'file':
      return path;
    default:
      return origin satisfies never;
  }
}

/** A model that has arrived needs no word any more once it is used, or gone again. */
function isSettled({ phase, installedId }: t.DownloadState, { library, isCurrent }: PageSource): boolean {
  if (phase !== 'done') return false;
  const model = library.installed.find(({ id }) => id === installedId);
  return !model || isCurrent(model);
}

function downloadView(state: t.DownloadState, installed: readonly t.InstalledModel[]): DownloadView {
  const { id, kind, name, phase, bytesTotal, bytesDone, bytesVerified, repository, revision, error } = state;
  return {
    ...{ id, kind, name, phase, bytesTotal, bytesDone, bytesVerified },
    origin: repository === undefined ? '' : atCommit(repository, revision),
    bytesPerSecond: state.bytesPerSecond,
    secondsLeft: state.secondsLeft,
    notice: state.notice,
    problem: error && { message: error.message, remedy: error.remedy },
    needsToken: mayNeedToken(error),
    modelId: installed.find(model => model.id === state.installedId)?.id,
    files: state.files.length > 0 ? filesView(state.files, state) : undefined,
  };
}

function variantAdvice(
  { variants }: t.MachineAdvice,
  entryId: string,
  quantization: string,
): t.FitAdvice | undefined {
  return variants.find(one => one.entryId === entryId && one.quantization === quantization)?.advice;
}

function isVariant(origin: t.ModelOrigin, entryId: string, quantization: string): boolean {
  return origin.kind === 'hub' && origin.entryId === entryId && origin.quantization === quantization;
}
