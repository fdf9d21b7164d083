// Whether a model will run on this machine, and about how fast: a pure function of its sizes and of what the device offers.
// Everything it returns is a prediction.
import { amount } from '../amount.ts';
import { countParameters, roundedNames, stateBytes, weightBytes } from './arithmetic.ts';
import {
  cacheBytes,
  fixedBytes,
  hasRoomFor,
  longestContext,
  positionBytes,
  workingBytes,
  type ContextRoom,
} from './memory.ts';
import type { DeviceFacts, FitAdvice, ModelShape } from '../types.ts';

/** Loading streams through host memory with at most this much (the engine's own bound). */
const loadingHostBytes = 512e6;
/** Below this a chat with workspace context is no use. */
export const contextTokensUseful = 4096;
/** From here on nobody notices a bound in daily work. */
const contextTokensComfortable = 32_768;
/** A context at which speed is predicted: a conversation with some files. */
const contextTokensTypical = 8192;
/** Kept free on the disk. */
export const diskReserveBytes = 256e6;
/**
 * Share of the memory bandwidth that decoding reaches. Public engines reach 24 to 37 % on discrete cards with this family, and
 * 68 % at best on unified memory; none reaches more.
 */
const bandwidthShare = { low: 0.3, high: 0.7 };

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
export function adviseFit(asked: FitQuestion, device: DeviceFacts): FitAdvice {
  const { yarnFactor = 1, roundTo } = device.loading ?? {};
  const question = { ...asked, contextTokens: Math.floor(asked.contextTokens * yarnFactor) };
  const { shape, quantization, fileBytes } = question;
  const rounded = roundTo && plainTypes.test(quantization) ? roundedNames[roundTo] : undefined;
  const computed = shape && weightBytes(shape, rounded ?? quantization);
  const stored = fileBytes ?? (shape && weightBytes(shape, quantization)?.total) ?? 0;
  const weights = rounded && computed ? computed.total : stored;
  const fixed = weights + (shape ? fixedBytes(shape) : workingBytes);
  const room = weights === 0 ? undefined : roomFor(device, fixed);
  const left = contextRoom(device, room, fixed);
  const contextMax = contextThatFits(question, left);
  const verdict = verdictOf({ room, contextMax, question });
  const context = Math.min(contextTokensTypical, question.contextTokens, contextMax || Infinity);
  const read = weights * (computed ? computed.perToken / computed.total : shape ? activeShare(shape) : 1);
  const bytesPerToken = Math.round(read + (shape ? readBesideWeights(shape, contextMax, context) : 0));
  const runs = verdict === 'fits' || verdict === 'fits-short-context';
  const bandwidth = device.probe?.software ? undefined : device.probe?.bandwidthBytesPerSecond;
  const download = question.downloadBytes ?? stored;
  return {
    verdict,
    why: explain({ verdict, question, device, room, fixed, contextMax, weights }),
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
    tokensPerSecond:
      runs && bandwidth
        ? {
            low: (bandwidthShare.low * bandwidth) / bytesPerToken,
            high: (bandwidthShare.high * bandwidth) / bytesPerToken,
          }
        : undefined,
    rough: !shape || question.shapeUnconfirmed === true || fileBytes === undefined,
    diskFits:
      device.diskFreeBytes === undefined || (download === 0 && question.downloadBytes === undefined)
        ? undefined
        : download === 0 || download + diskReserveBytes <= device.diskFreeBytes,
  };
}

/** Bytes that the device can hold; undefined when that is not known well enough to say. */
function roomFor(device: DeviceFacts, needed: number): number | undefined {
  const { probe } = device;
  if (!probe || probe.allocatableBytes === undefined) return undefined;
  if (probe.allocatableIsLowerBound && probe.allocatableBytes < needed) return undefined;
  // A device in software takes its memory from the host.
  return probe.software
    ? Math.min(probe.allocatableBytes, device.hostMemoryFreeBytes)
    : probe.allocatableBytes;
}

/** Where the mix of types is not known: as if all were of one. */
function activeShare(shape: ModelShape): number {
  const { active, total } = countParameters(shape);
  return active / total;
}

/** State read and written, and the keys and values at `context`, for one token. */
function readBesideWeights(shape: ModelShape, contextMax: number, context: number): number {
  return 2 * stateBytes(shape) + context * positionBytes(shape, contextMax, shape.attentionLayers);
}

/** What is left for texts. Weights are split to fit a binding; the keys of one layer are one buffer. */
function contextRoom({ probe }: DeviceFacts, room: number | undefined, fixed: number): ContextRoom {
  const { maxBufferBytes = Infinity, storageBindingBytesMax = Infinity } = probe ?? {};
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
  device: DeviceFacts;
  room: number | undefined;
  fixed: number;
  contextMax: number;
  weights: number;
}): string {
  const { verdict, question, device, room = 0, fixed, contextMax, weights } = of;
  const { probe } = device;
  if (verdict === 'unknown') {
    if (weights === 0) return 'Its size is not known before the hub is asked.';
    if (!probe) return `Needs about ${amount(fixed)}; the GPU has not been looked at yet.`;
    if (probe.allocatableBytes === undefined)
      return `Needs about ${amount(fixed)}; the free memory of ${probe.adapterName} could not be measured.`;
    return `Needs about ${amount(fixed)}; ${probe.adapterName} has at least ${amount(probe.allocatableBytes)}, more was not tried.`;
  }
  if (verdict === 'does-not-fit') {
    if (fixed > room)
      return `Needs about ${amount(fixed)}; ${probe?.adapterName ?? 'the GPU'} can hold ${amount(room)}.`;
    return `Leaves room for only ${count(contextMax)} tokens of context.`;
  }
  const short =
    device.hostMemoryFreeBytes < loadingHostBytes
      ? ' The computer is short of main memory; loading may be slow.'
      : '';
  const slow = probe?.software ? ' Without a GPU it will be slow.' : '';
  const length =
    contextMax >= question.contextTokens
      ? `Fits with its whole context of ${count(contextMax)} tokens.`
      : `Fits with a context of up to ${count(contextMax)} tokens.`;
  return `${length}${slow}${short}`;
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

const count = (tokens: number): string => tokens.toLocaleString('en-US');
