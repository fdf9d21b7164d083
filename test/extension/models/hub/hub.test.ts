import { afterEach, describe, expect, test, vi } from 'vitest';
import { parseReference } from '../../../../extension/models/hub/hub.ts';
import { globalFetch, hubEndpoint } from '../../../../extension/models/hub/hub_request.ts';
import { hearthErrorOf } from '../../../support/hearth_error.ts';

describe('the hub', () => {
  afterEach(() => vi.unstubAllGlobals());

  test('is the official one, or the one of HF_ENDPOINT', () => {
    expect(hubEndpoint({})).toBe('https://huggingface.co');
    expect(hubEndpoint({ HF_ENDPOINT: ' https://mirror.example.com/hf/ ' })).toBe(
      'https://mirror.example.com/hf',
    );
  });

  test.each(['mirror', 'ftp://a.b', 'http//x'])('is not found at HF_ENDPOINT=%s', async value => {
    expect((await hearthErrorOf(() => hubEndpoint({ HF_ENDPOINT: value }))).code).toBe('badUsage');
  });

  test('is asked with the fetch of the moment, which the editor replaces to know proxies', async () => {
    vi.stubGlobal('fetch', async () => new Response('patched'));
    expect(await (await globalFetch('http://127.0.0.1:9/')).text()).toBe('patched');
  });

  test.each([
    ['Qwen/Qwen3-Next-80B-A3B-Instruct', 'Qwen/Qwen3-Next-80B-A3B-Instruct', undefined],
    [' unsloth/Qwen3.5-4B-GGUF ', 'unsloth/Qwen3.5-4B-GGUF', undefined],
    ['unsloth/Qwen3.5-4B-GGUF:Q4_K_M', 'unsloth/Qwen3.5-4B-GGUF', undefined],
    ['a/b@v1.0', 'a/b', 'v1.0'],
    ['https://huggingface.co/a/b', 'a/b', undefined],
    ['https://huggingface.co/a/b/', 'a/b', undefined],
    ['https://huggingface.co/a/b/tree/main', 'a/b', 'main'],
    ['hf.co/a/b/blob/abc/x.gguf?download=true', 'a/b', 'abc'],
  ])('reads %s as a repository', (reference, repository, revision) => {
    expect(parseReference(reference)).toEqual({ repository, revision });
  });

  test.each(['', 'a', 'a/b/c', '../b', 'a/..', 'https://huggingface.co/datasets/a', 'a b/c'])(
    'refuses %j as a repository',
    async reference => {
      expect((await hearthErrorOf(() => parseReference(reference))).code).toBe('badUsage');
    },
  );
});
