// npm start [capture…]: installs and builds what is missing, then opens the app, in a window or in a browser.
import { runCommand } from './prepare.mjs';

await runCommand(['open', ...process.argv.slice(2)]);
