// Failures of the hub, of downloads and of the folder of models.
import { HearthError, reasonOf } from '../../engine/protocol/errors.ts';
import { formatBytes } from './format_bytes.ts';

/** One factory per case. */
export const modelErrors = {
  hubUnreachable: (host: string, cause: unknown) =>
    new HearthError(
      'hubUnreachable',
      `${host} cannot be reached: ${reasonOf(cause)}`,
      'Check the network, the proxy ("http.proxy") and its certificates, then resume. Without a network, import a model from a folder.',
      { cause },
    ),
  hubFailed: (host: string, what: string) =>
    new HearthError(
      'hubFailed',
      `${host} did not deliver: ${what}.`,
      'Wait a while and resume; what was fetched is kept.',
    ),
  hubAccessDenied: (repository: string, hasToken: boolean) =>
    new HearthError(
      'hubAccessDenied',
      `Access to ${repository} was refused${hasToken ? ' with the token that is set' : ''}.`,
      "Accept the licence on the model's page and set a token, then try again.",
    ),
  hubNotFound: (what: string) =>
    new HearthError(
      'hubNotFound',
      `${what} was not found.`,
      'Check the name; a private repository needs a token.',
    ),
  hashMismatch: (file: string, have: string, want: string) =>
    new HearthError(
      'hashMismatch',
      `${file} is not what was published: its hash is ${have}, but ${want} was expected.`,
      'Fetch it again. If it happens again, do not use this source.',
    ),
  notAModel: (what: string, why: string) =>
    new HearthError(
      'notAModel',
      `${what} is not a model that Hearth can use: ${why}.`,
      'Choose a .gguf file, or a folder with config.json, tokenizer.json and .safetensors files.',
    ),
  diskFull: (folder: string, needBytes: number, freeBytes: number | undefined) =>
    new HearthError(
      'diskFull',
      `There is not enough space in ${folder}: ${formatBytes(needBytes)} are needed${freeBytes === undefined ? '' : `, ${formatBytes(freeBytes)} are free`}.`,
      'Free some space, or choose another folder with "hearth.models.directory", then resume.',
    ),
  modelBusy: (name: string, why: string) =>
    new HearthError('modelBusy', `${name} ${why}.`, 'Wait until that is done, then try again.'),
};
