// npm start [capture…]: until the app stands, imports the captures, or the bundled sample, and prints what was found.
import { runCommand } from './prepare.mjs';

await runCommand(['start', ...process.argv.slice(2)]);
