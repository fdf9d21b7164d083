// From the library of models to what the model page shows. Pure; the page never learns a type of the library.
import type {
  CatalogueView,
  DownloadView,
  InstalledView,
  ModelsView,
  VariantView,
} from '../../../webview/protocol.ts';
import type { CatalogueEntry } from '../../../engine/shared/architecture/catalogue.ts';
import type { KnownDevice } from '../../known_device.ts';
import { formatNumber, t, translated } from '../../l10n.ts';
import type { FitAdvice } from '../fit/advice.ts';
import { formatBytes } from '../format_bytes.ts';
import type { InstalledModel } from '../installed_model.ts';
import type { MachineAdvice } from '../machine_advice.ts';
import type { DownloadState } from '../transfer/downloads.ts';
import type { ModelOrigin } from '../transfer/model_on_disk.ts';
import type { VerifyResult } from '../transfer/verify.ts';
import { lookUpView } from './look_up_view.ts';
import { atCommit, contextBound, filesView, fitView, mayNeedToken, variantState } from './view_parts.ts';
import type { ViewSource } from './view_source.ts';

/** Below this many tokens per second a model is not suggested: reading is faster. */
const comfortableTokensPerSecond = 5;

/** The whole page. */
export function modelsView(source: ViewSource): ModelsView {
  const { library, catalogue, problem, hasToken } = source;
  const suggested = suggestedEntry(source);
  return {
    device: deviceLine(source.device),
    storage: storageLine(source),
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

/** Where models are kept, and how much room there is. */
function storageLine({ folder, diskFreeBytes }: ViewSource): string {
  const where = t('Models are kept in {0}', folder);
  return diskFreeBytes === undefined ? where : `${where} · ${t('{0} free', formatBytes(diskFreeBytes))}`;
}

/** One line about the machine. */
function deviceLine(device: KnownDevice | undefined): string {
  if (!device) return t('The GPU has not been looked at yet; advice follows.');
  const { adapterName, software, allocatableBytes, allocatableIsLowerBound, bandwidthBytesPerSecond } =
    device;
  if (software) return `${adapterName} · ${t('no GPU: models run on the processor, slowly')}`;
  return [
    adapterName,
    ...(allocatableBytes === undefined
      ? []
      : [
          allocatableIsLowerBound
            ? t('room for at least {0}', formatBytes(allocatableBytes))
            : t('room for about {0}', formatBytes(allocatableBytes)),
        ]),
    ...(bandwidthBytesPerSecond === undefined
      ? []
      : [t('{0} GB/s measured', formatNumber(bandwidthBytesPerSecond / 1e9))]),
  ].join(' · ');
}

/** The largest model that surely fits and is pleasant to use; the catalogue goes from small to large. */
function suggestedEntry({ catalogue, advice, device }: ViewSource): CatalogueEntry | undefined {
  if (!device || device.software) return undefined;
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

function catalogueView(entry: CatalogueEntry, source: ViewSource, recommended: boolean): CatalogueView[] {
  const { repository } = entry;
  if (repository === undefined) return [];
  const { id, name, description, goodAt, licence, contextTokens, contextTokensYarn } = entry;
  const variants = entry.variants.map(({ quantization, bytes }): VariantView => {
    const advice = variantAdvice(source.advice, id, quantization);
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
      bytes: bytes ?? advice?.weightBytes ?? 0,
      bytesKnown: bytes !== undefined,
      fit: advice && fitView(advice),
      ...variantState(model, arriving, source),
    };
  });
  return [
    {
      id,
      name,
      description: translated(description),
      goodAt: goodAt.map(translated),
      licence,
      contextTokens,
      repository,
      recommended,
      variants,
      contextTokensMax: contextTokensYarn,
      textOnly: entry.textOnly ?? false,
      offered: offeredVariant(variants, entry.defaultVariant),
    },
  ];
}

/** A variant that is there already, else the default if it may fit, else the first that may. */
function offeredVariant(variants: readonly VariantView[], usual: string): string {
  const there = variants.find(({ state }) => state !== 'available');
  const mayFit = ({ fit }: VariantView): boolean => fit?.verdict !== 'does-not-fit';
  const first = variants.find(variant => variant.label === usual && mayFit(variant)) ?? variants.find(mayFit);
  return (there ?? first)?.label ?? usual;
}

function installedView(model: InstalledModel, source: ViewSource): InstalledView {
  const { id, name, bytes, origin, managed } = model;
  const verifying = source.library.verifying.find(one => one.id === id);
  const { advice } = source.advice.installed.find(({ modelId }) => modelId === id) ?? {};
  const current = source.isCurrent(model);
  const checked = source.checked.get(id);
  return {
    id,
    name,
    bytes,
    origin: originText(model),
    current,
    removal: origin.kind === 'embedded' ? 'none' : managed ? 'delete' : 'forget',
    fit: advice && fitView(advice),
    context: contextView(model, current, source),
    verifying: verifying && { bytesDone: verifying.bytesDone, bytesTotal: verifying.bytesTotal },
    checked: checked && { ok: checked.ok, text: checkText(checked) },
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
  { path, contextTokens }: InstalledModel,
  current: boolean,
  { contextOf, contextSetting }: ViewSource,
): InstalledView['context'] {
  const tokens = contextSetting > 0 ? (current ? contextSetting : undefined) : contextOf(path);
  const bound = tokens === undefined ? undefined : contextBound(tokens, contextTokens, contextSetting);
  return bound && tokens !== undefined ? { tokens, bound } : undefined;
}

function originText({ origin, path }: InstalledModel): string {
  switch (origin.kind) {
    case 'embedded':
      return t('Comes with Hearth');
    case 'hub':
      return atCommit(origin.repository, origin.revision);
    case 'folder':
      return t('Imported from {0}', origin.path);
    case 'file':
      return path;
    default:
      return origin satisfies never;
  }
}

/** A finished download is no longer listed once its model is in use or has been deleted. */
function isSettled({ phase, installedId }: DownloadState, { library, isCurrent }: ViewSource): boolean {
  if (phase !== 'done') return false;
  const model = library.installed.find(({ id }) => id === installedId);
  return !model || isCurrent(model);
}

function downloadView(state: DownloadState, installed: readonly InstalledModel[]): DownloadView {
  const { id, kind, name, phase, bytesTotal, bytesDone, bytesVerified, repository, revision, error } = state;
  return {
    id,
    kind,
    name,
    phase,
    bytesTotal,
    bytesDone,
    bytesVerified,
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
  { variants }: MachineAdvice,
  entryId: string,
  quantization: string,
): FitAdvice | undefined {
  return variants.find(one => one.entryId === entryId && one.quantization === quantization)?.advice;
}

function isVariant(origin: ModelOrigin, entryId: string, quantization: string): boolean {
  return origin.kind === 'hub' && origin.entryId === entryId && origin.quantization === quantization;
}

/** What a check of a model's files has found. */
function checkText({ ok, problems, withoutHash }: VerifyResult): string {
  if (!ok) return problems.map(({ file, what }) => `${file}: ${what}`).join('; ');
  return withoutHash.length === 0
    ? t('Checked: every file is as it was published.')
    : t('Checked: the sizes are right. There is no published hash to compare with.');
}
