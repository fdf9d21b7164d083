// Failures of the hub, of downloads and of the folder of models.
import { HearthError, whyOf } from '../../engine/protocol/errors.ts';
import { phrase, type Phrase, type PhraseValue } from '../../engine/protocol/phrase.ts';
import { formatBytes } from './format_bytes.ts';

/** One factory per case. */
export const modelErrors = {
  hubUnreachable: (host: string, cause: unknown) =>
    new HearthError(
      'hubUnreachable',
      phrase`${host} cannot be reached: ${whyOf(cause)}`,
      phrase`Check the network, the proxy ("http.proxy") and its certificates, then resume. Without a network, import a model from a folder.`,
      { cause },
    ),
  hubFailed: (host: string, what: Phrase) =>
    new HearthError(
      'hubFailed',
      phrase`${host} did not deliver: ${what}.`,
      phrase`Wait a while and resume; what was fetched is kept.`,
    ),
  hubAccessDenied: (repository: string, hasToken: boolean) =>
    new HearthError(
      'hubAccessDenied',
      hasToken
        ? phrase`Access to ${repository} was refused with the token that is set.`
        : phrase`Access to ${repository} was refused.`,
      phrase`Accept the licence on the model's page and set a token, then try again.`,
    ),
  hubNotFound: (what: PhraseValue) =>
    new HearthError(
      'hubNotFound',
      phrase`${what} was not found.`,
      phrase`Check the name; a private repository needs a token.`,
    ),
  hashMismatch: (file: string, have: string, want: string) =>
    new HearthError(
      'hashMismatch',
      phrase`${file} is not what was published: its hash is ${have}, but ${want} was expected.`,
      phrase`Fetch it again. If it happens again, do not use this source.`,
    ),
  notAModel: (what: PhraseValue, why: Phrase) =>
    new HearthError(
      'notAModel',
      phrase`${what} is not a model that Hearth can use: ${why}.`,
      phrase`Choose a .gguf file, or a folder with config.json, tokenizer.json and .safetensors files.`,
    ),
  diskFull: (folder: string, needBytes: number, freeBytes: number | undefined) =>
    new HearthError(
      'diskFull',
      freeBytes === undefined
        ? phrase`There is not enough space in ${folder}: ${formatBytes(needBytes)} are needed.`
        : phrase`There is not enough space in ${folder}: ${formatBytes(needBytes)} are needed, ${formatBytes(freeBytes)} are free.`,
      phrase`Free some space, or choose another folder with "hearth.models.directory", then resume.`,
    ),
  modelBusy: (why: Phrase) =>
    new HearthError('modelBusy', why, phrase`Wait until that is done, then try again.`),
};
