// Whether a model will run on this machine, and about how fast: a pure function of its sizes and of what the device offers.
// Everything it returns is a prediction.
import {
  countParameters,
  positionBytes,
  stateBytes,
  stepLaunches,
  weightBytes,
} from '../../../engine/shared/architecture/footprint.ts';
import type { ModelShape } from '../../../engine/shared/architecture/shape.ts';
import { roundedNames } from '../../../engine/shared/architecture/storage_mixes.ts';
import { evenStep, predictMs } from '../../../engine/shared/prediction/device_model.ts';
import {
  expectedDevice,
  specificationOf,
  type Expectation,
} from '../../../engine/shared/prediction/specifications.ts';
import type { KnownDevice } from '../../known_device.ts';
import { formatNumber, t } from '../../l10n.ts';
import { formatBytes } from '../format_bytes.ts';
import {
  cacheBytes,
  fixedBytes,
  hasRoomFor,
  longestContext,
  usualWorkingBytes,
  type ContextRoom,
} from './memory.ts';

/** The machine that advice is for. */
export interface MachineFacts {
  /** Absent until an engine has looked at the GPU. */
  device?: KnownDevice;
  /** Disk space that a download may use; absent when the system does not say. */
  downloadRoomBytes?: number;
  hostMemoryBytes: number;
  hostMemoryFreeBytes: number;
  loading?: LoadingChoices;
}

/** What the settings do to every model: they may stretch its context, and round plain types while they load. */
export interface LoadingChoices {
  yarnFactor?: number;
  roundTo?: 'Q8_0' | 'Q4_0';
}

export type FitVerdict = 'fits' | 'fits-short-context' | 'does-not-fit' | 'unknown';

/**
 * Advice about one variant. Every figure is a prediction from sizes and a bandwidth that was measured or that the maker names, and must
 * be shown as one.
 */
export interface FitAdvice {
  verdict: FitVerdict;
  /** One sentence for the user: the reason for the verdict. */
  why: string;
  /** The model's own length of context, or what the settings stretch it to. */
  contextTokens: number;
  /** Tokens of context that fit; 0 when the model does not fit. */
  contextTokensMax: number;
  weightBytes: number;
  /** Device memory at several context lengths, short to long: up to the model's own, then those that need YaRN. */
  bytesNeeded: { contextTokens: number; bytes: number; fits: boolean | undefined; yarn: boolean }[];
  /** Read and written for one token of an answer, at a context of `bytesPerTokenContext`. */
  bytesPerToken: number;
  bytesPerTokenContext: number;
  /**
   * Of an answer, from the worst to the best that is to be expected of the device. Absent when the model does not fit or its shape is
   * unknown, and of a device whose bandwidth was not measured and is not known by its name.
   */
  tokensPerSecond?: { low: number; high: number };
  /** The weights or the sizes of the network are estimates, for the shape is unconfirmed or the hub has not named a size yet. */
  rough: boolean;
  /** False: the disk has too little room for the download. */
  diskFits: boolean | undefined;
}

/** Loading streams through host memory with at most this much (the engine's own bound). */
const loadingHostBytes = 512e6;
/** With less context than this, a chat about a workspace is no use. */
export const contextTokensUseful = 4096;
/** With at least this much context, the limit does not show in daily work. */
const contextTokensComfortable = 32_768;
/** A context at which speed is predicted: a conversation with some files. */
const contextTokensTypical = 8192;

export interface FitQuestion {
  shape?: ModelShape;
  quantization: string;
  contextTokens: number;
  /** Longer, with YaRN. */
  contextTokensYarn?: number;
  /** Size of the files, when known: it is exact where the name of a mix is not. */
  fileBytes?: number;
  shapeUnconfirmed?: boolean;
  /** Bytes still to be fetched; 0 for an installed model. Absent: the whole model. */
  downloadBytes?: number;
}

/** Types that the engine rounds while it loads, when the settings ask for it. */
const plainTypes = /^(safetensors|F32|F16|BF16)$/;

/** Advice about one model on one machine. */
export function adviseFit(asked: FitQuestion, machine: MachineFacts): FitAdvice {
  const { yarnFactor = 1, roundTo } = machine.loading ?? {};
  const question = { ...asked, contextTokens: Math.floor(asked.contextTokens * yarnFactor) };
  const { shape, quantization, fileBytes } = question;
  const rounded = roundTo && plainTypes.test(quantization) ? roundedNames[roundTo] : undefined;
  const computed = shape && weightBytes(shape, rounded ?? quantization);
  const stored = fileBytes ?? (shape && weightBytes(shape, quantization)?.total) ?? 0;
  const weights = rounded && computed ? computed.total : stored;
  const fixed = weights + (shape ? fixedBytes(shape) : usualWorkingBytes);
  const room = weights === 0 ? undefined : roomFor(machine, fixed);
  const left = contextRoom(machine, room, fixed);
  const contextMax = contextThatFits(question, left);
  const verdict = verdictOf({ room, contextMax, question });
  const context = Math.min(contextTokensTypical, question.contextTokens, contextMax || Infinity);
  const read = weights * (computed ? computed.perToken / computed.total : shape ? activeShare(shape) : 1);
  const bytesPerToken = Math.round(read + (shape ? readBesideWeights(shape, contextMax, context) : 0));
  const runs = verdict === 'fits' || verdict === 'fits-short-context';
  const download = question.downloadBytes ?? stored;
  return {
    verdict,
    why: explain({ verdict, question, machine, room, fixed, contextMax, weights }),
    contextTokens: question.contextTokens,
    contextTokensMax: runs || verdict === 'unknown' ? contextMax : 0,
    weightBytes: stored,
    bytesNeeded: contextLengths(question).map(({ contextTokens, yarn }) => {
      const bytes = Math.round(fixed + (shape ? cacheBytes(shape, contextTokens) : 0));
      const fits = shape ? hasRoomFor(shape, contextTokens, left) : contextMax > 0;
      return { contextTokens, bytes, fits: verdict === 'unknown' ? undefined : fits, yarn };
    }),
    bytesPerToken,
    bytesPerTokenContext: context,
    tokensPerSecond: runs && shape ? speedOf(machine.device, shape, bytesPerToken) : undefined,
    rough: !shape || question.shapeUnconfirmed === true || fileBytes === undefined,
    diskFits:
      machine.downloadRoomBytes === undefined || (download === 0 && question.downloadBytes === undefined)
        ? undefined
        : download === 0 || download <= machine.downloadRoomBytes,
  };
}

/** What the cost model says of a device by what was measured of it and, where it is listed, by its specification. */
function speedOf(
  device: KnownDevice | undefined,
  shape: ModelShape,
  bytes: number,
): FitAdvice['tokensPerSecond'] {
  if (!device || device.software) return undefined;
  const { adapterName: name, bandwidthBytesPerSecond } = device;
  const listed = specificationOf(name);
  const bandwidthGBs =
    bandwidthBytesPerSecond === undefined ? listed?.bandwidthGBs : bandwidthBytesPerSecond / 1e9;
  if (bandwidthGBs === undefined) return undefined;
  const operations = 2 * countParameters(shape).active;
  const step = evenStep({ launches: stepLaunches(shape), operations, bytes });
  const of = (expectation: Expectation): number =>
    1000 / predictMs(expectedDevice({ ...listed, name, bandwidthGBs }, expectation), 'step', step);
  return { low: of('low'), high: of('high') };
}

/** Bytes that the device can hold; undefined when that is not known well enough to say. */
function roomFor(machine: MachineFacts, needed: number): number | undefined {
  const { device } = machine;
  if (!device || device.allocatableBytes === undefined) return undefined;
  if (device.allocatableIsLowerBound && device.allocatableBytes < needed) return undefined;
  // A device in software takes its memory from the host.
  return device.software
    ? Math.min(device.allocatableBytes, machine.hostMemoryFreeBytes)
    : device.allocatableBytes;
}

/** The share of the weights that one token reads, as if all had one storage type: for a mix that is not known. */
function activeShare(shape: ModelShape): number {
  const { active, total } = countParameters(shape);
  return active / total;
}

/** State read and written, and the keys and values at `context`, for one token. */
function readBesideWeights(shape: ModelShape, contextMax: number, context: number): number {
  return 2 * stateBytes(shape) + context * positionBytes(shape, contextMax, shape.attentionLayers, context);
}

/** What is left for texts. Only the keys of a layer must fit one buffer: weights are split. */
function contextRoom({ device }: MachineFacts, room: number | undefined, fixed: number): ContextRoom {
  const { maxBufferBytes = Infinity, storageBindingBytesMax = Infinity } = device ?? {};
  return {
    roomBytes: room === undefined ? Infinity : room - fixed,
    bufferBytes: Math.min(maxBufferBytes, storageBindingBytesMax),
  };
}

function contextThatFits({ shape, contextTokens }: FitQuestion, left: ContextRoom): number {
  if (shape) return longestContext(shape, contextTokens, left);
  return left.roomBytes >= 0 ? contextTokens : 0;
}

function verdictOf(of: {
  room: number | undefined;
  contextMax: number;
  question: FitQuestion;
}): FitAdvice['verdict'] {
  const { room, contextMax, question } = of;
  if (room === undefined) return 'unknown';
  if (contextMax < Math.min(contextTokensUseful, question.contextTokens)) return 'does-not-fit';
  if (contextMax < Math.min(contextTokensComfortable, question.contextTokens)) return 'fits-short-context';
  return 'fits';
}

function explain(of: {
  verdict: FitAdvice['verdict'];
  question: FitQuestion;
  machine: MachineFacts;
  room: number | undefined;
  fixed: number;
  contextMax: number;
  weights: number;
}): string {
  const { verdict, question, machine, room = 0, fixed, contextMax, weights } = of;
  const { device } = machine;
  if (verdict === 'unknown') {
    if (weights === 0) return t('Its size is not known before the hub is asked.');
    if (!device) return t('Needs about {0}; the GPU has not been looked at yet.', formatBytes(fixed));
    if (device.allocatableBytes === undefined)
      return t(
        'Needs about {0}; the free memory of {1} could not be measured.',
        formatBytes(fixed),
        device.adapterName,
      );
    return t(
      'Needs about {0}; {1} has at least {2}, more was not tried.',
      formatBytes(fixed),
      device.adapterName,
      formatBytes(device.allocatableBytes),
    );
  }
  if (verdict === 'does-not-fit') {
    if (fixed > room)
      return t(
        'Needs about {0}; {1} can hold {2}.',
        formatBytes(fixed),
        device?.adapterName ?? t('the GPU'),
        formatBytes(room),
      );
    return t('Leaves room for only {0} tokens of context.', formatNumber(contextMax));
  }
  const length =
    contextMax >= question.contextTokens
      ? t('Fits with its whole context of {0} tokens.', formatNumber(contextMax))
      : t('Fits with a context of up to {0} tokens.', formatNumber(contextMax));
  const slow = device?.software ? [t('Without a GPU it will be slow.')] : [];
  const isShort = machine.hostMemoryFreeBytes < loadingHostBytes;
  const short = isShort ? [t('The computer is short of main memory; loading may be slow.')] : [];
  return [length, ...slow, ...short].join(' ');
}

/** Short to long, up to the model's own, then what YaRN makes of it. */
function contextLengths({
  contextTokens: own,
  contextTokensYarn: longest = own,
}: FitQuestion): { contextTokens: number; yarn: boolean }[] {
  const shorter = [8192, 32_768, 131_072, 262_144, 524_288];
  return [...new Set([...shorter, own, longest])]
    .filter(tokens => tokens <= longest)
    .sort((a, b) => a - b)
    .map(contextTokens => ({ contextTokens, yarn: contextTokens > own }));
}
