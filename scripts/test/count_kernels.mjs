// Loaded into every Node process of a test run: writes a line for each kernel that is compiled there, to the file that
// HEARTH_KERNEL_LOG names.
import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';

const path = process.env.HEARTH_KERNEL_LOG;
if (path) subscribe('hearth:kernel', kernel => appendFileSync(path, `${JSON.stringify(kernel)}\n`));
