import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from '@playwright/test';

export const standinPath = join(import.meta.dirname, '../standin/electron-standin');

export interface Started {
  readonly app: ElectronApplication;
  readonly page: Page;
}

/** Starts an app on the stand-in and waits for its page. @param ready text of the page */
export async function startOnStandin(
  args: readonly string[],
  ready: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Started> {
  const inherited = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const app = await _electron.launch({
    executablePath: standinPath,
    args: [...args],
    env: { ...Object.fromEntries(inherited), ...env },
    timeout: 30_000,
  });
  const page = await app.firstWindow();
  page.setDefaultTimeout(10_000);
  await page.getByText(ready).first().waitFor();
  return { app, page };
}

/** @returns ids of the processes whose command line names a folder, as a browser's names its profile */
export function processesNaming(folder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => commandLine(pid).includes(folder))
    .map(Number);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** Waits until a condition holds. @throws Error after `timeoutMs` */
export async function until(what: string, holds: () => boolean | Promise<boolean>, timeoutMs = 10_000): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`Waited ${timeoutMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** @returns names in a folder, none when it is not there */
export function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
