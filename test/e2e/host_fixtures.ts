// What the suite in the extension host finds beside its folder: a model that writes one commit message, and a prompt of the user's.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeParrot } from '../support/parrot_model.ts';

/** Makes them in the folder of this run, in which `userData` lies; the result is for the environment of the editor. */
export function hostFixtures(directory: string, userData: string): Record<string, string> {
  const prompts = join(userData, 'User', 'prompts');
  mkdirSync(prompts, { recursive: true });
  writeFileSync(join(prompts, 'my-own.prompt.md'), '---\ndescription: Mine everywhere\n---\nDo it.\n');
  return {
    HEARTH_HOST_COMMIT_MODEL: writeParrot(join(directory, 'commit.gguf'), {
      script: ['```\n', 'Keep', ' prices', ' in', ' cents', '\n```'],
    }),
  };
}
