// Loaded into every Node process of a test run: notes each kernel that is compiled there and each device that is opened, as a line
// in the file that HEARTH_KERNEL_LOG names.
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';

const path = process.env.HEARTH_KERNEL_LOG;
const note = line => appendFileSync(path, `${JSON.stringify(line)}\n`);
if (path) {
  subscribe('hearth:kernel', kernel => note({ kernel }));
  subscribe('hearth:device', device => note({ device }));
}
