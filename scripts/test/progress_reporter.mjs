// A vitest reporter that keeps a file on how far a run is: which test files have begun, which have ended and how long they took.
// Whoever ends a run at its limit reads there what was running. The file's name comes in HEARTH_TEST_PROGRESS.
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { root } from '../setup/places.mjs';

export default class ProgressReporter {
  #waiting = new Set();
  #running = new Set();
  /** Milliseconds by file. */
  #ended = {};

  onTestRunStart(specifications) {
    for (const { moduleId } of specifications) this.#waiting.add(nameOf(moduleId));
    this.#write();
  }
  onTestModuleQueued({ moduleId }) {
    this.#waiting.delete(nameOf(moduleId));
    this.#running.add(nameOf(moduleId));
    this.#write();
  }
  onTestModuleEnd(module) {
    const name = nameOf(module.moduleId);
    const { collectDuration, duration } = module.diagnostic();
    this.#running.delete(name);
    this.#ended[name] = Math.round(collectDuration + duration);
    this.#write();
  }

  #write() {
    const path = process.env.HEARTH_TEST_PROGRESS;
    const [waiting, running] = [[...this.#waiting], [...this.#running]];
    if (path) writeFileSync(path, JSON.stringify({ waiting, running, ended: this.#ended }));
  }
}

function nameOf(moduleId) {
  return relative(root, moduleId).replaceAll('\\', '/');
}
