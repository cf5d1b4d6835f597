import { Option, type Command } from 'commander';
import type { Context } from './context';
import { runOpen, type OpenOptions } from './open-command';
import { LARGEST_PORT, filePaths, wholeNumber } from './option-values';
import type { Keep } from './run';
import { runServe, type ServeOptions } from './serve-command';
import { workspaceOption } from './shared-options';

const SERVE_NOTES = `
Only this computer can reach it. The printed address lets in one browser, once;
that browser can then open as many tabs as it likes. Ctrl-C ends it.`;

const portOption = (): Option =>
  new Option('--port <number>', 'port of the browser host (default: any that is free)')
    .default(0)
    .argParser(wholeNumber(0, LARGEST_PORT));

export function addOpen(program: Command, context: Context, keep: Keep): void {
  program
    .command('open')
    .description('Open the app: in a window of its own where there can be one, else in a browser.')
    .argument('[capture...]', 'captures to import at once', filePaths)
    .addOption(workspaceOption())
    .addOption(portOption())
    .option('--desktop', 'fail where there can be no window', false)
    .option('--browser', 'serve it to a browser, even where there can be a window', false)
    .action(async (captures: string[], options: OpenOptions) => {
      await keep(runOpen(context, captures, options));
    });
}

export function addServe(program: Command, context: Context, keep: Keep): void {
  program
    .command('serve')
    .description('Serve the app to browsers of this computer, and print its address.')
    .argument('[capture...]', 'captures to import at once', filePaths)
    .addOption(workspaceOption())
    .addOption(portOption())
    .option('--open', 'open the address in your browser', false)
    .option('--json', 'print url, port, workspace and pid as JSON', false)
    .addHelpText('after', SERVE_NOTES)
    .action(async (captures: string[], options: ServeOptions) => {
      await keep(runServe(context, captures, options));
    });
}
