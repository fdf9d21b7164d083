// The extension as VS Code unpacked it: its engine on the command line, and the engine processes that it started.
import { execFile, execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export class InstalledExtension {
  readonly directory: string;
  readonly model: string;
  readonly nodePath: string;
  readonly enginePath: string;

  constructor(extensions: string) {
    const name = readdirSync(extensions).find(entry => entry.startsWith('hearth.hearth-'));
    if (!name) throw new Error(`no Hearth in ${extensions}: ${readdirSync(extensions).join(', ')}`);
    this.directory = join(extensions, name);
    this.model = join(this.directory, 'media', 'model', 'hearth-tiny', 'hearth-tiny-q8_0.gguf');
    this.nodePath = join(this.directory, 'runtime', 'node');
    this.enginePath = join(this.directory, 'dist', 'engine.mjs');
  }

  /** True when the bundled Node.js may be executed as it was unpacked. */
  get nodeIsExecutable(): boolean {
    return (statSync(this.nodePath).mode & 0o111) === 0o111;
  }

  /** What the engine's own command line says to a question, greedily. */
  generate(prompt: string, maxTokens: number): Promise<string> {
    return this.#engine(
      'generate',
      '--model',
      this.model,
      '--prompt',
      prompt,
      '--chat',
      '--max-tokens',
      String(maxTokens),
      '--temperature',
      '0',
    );
  }

  /** What the engine's own command line answers from a folder, greedily: the answer, then a line for each source. */
  ask(folder: string, question: string, maxTokens: number): Promise<string> {
    const how = ['--max-tokens', String(maxTokens), '--temperature', '0'];
    return this.#engine('ask', '--model', this.model, '--workspace', folder, '--question', question, ...how);
  }

  /** What the engine's own command line suggests at a place of a file; line and column from 1. */
  complete(
    folder: string,
    path: string,
    { line, column }: { line: number; column: number },
  ): Promise<string> {
    const place = ['--file', join(folder, path), '--line', String(line), '--column', String(column)];
    return this.#engine('complete', '--model', this.model, '--workspace', folder, ...place);
  }

  /** The pids of running engines of this installation. */
  enginePids(): number[] {
    return execFileSync('ps', ['-axo', 'pid=,args='], { encoding: 'utf8' })
      .split('\n')
      .filter(line => line.includes(this.enginePath) && line.includes(' serve'))
      .map(line => Number.parseInt(line, 10));
  }

  async #engine(...args: string[]): Promise<string> {
    const { stdout } = await run(this.nodePath, [this.enginePath, ...args], { maxBuffer: 2 ** 24 });
    return stdout;
  }
}
