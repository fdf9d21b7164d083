// A program of a test in a process of its own, which sends one report: what its memory came to is told apart from the tests'.
import { fork } from 'node:child_process';

/** Runs a bundled program (child_bundle.ts) and gives what it sends. Throws when it ends without. */
export function reportOf<Report>(bundle: string, ...args: string[]): Promise<Report> {
  return new Promise((resolve, reject) => {
    const child = fork(bundle, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
    child.on('message', report => resolve(report as Report));
    child.on('error', reject);
    child.on('close', (code, signal) => reject(new Error(`the process ended (${signal ?? code})\n${said}`)));
  });
}
