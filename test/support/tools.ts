import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import tools from './tools.json' with { type: 'json' };

/** Debian programs that tests compare with; `npm test` installs them in CI (tools.json has their packages). */
export type ToolName = keyof typeof tools;

export function hasTool(name: ToolName): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Title of a test that needs a tool; it says so where the tool is missing.
 *
 * ```ts
 * test.skipIf(!hasTool('tshark'))(needing('tshark', 'counts the same packets'), …)
 * ```
 */
export function needing(name: ToolName, title: string): string {
  return hasTool(name)
    ? title
    : `${title} (skipped: ${name}, of the Debian package ${tools[name].package}, is missing)`;
}
