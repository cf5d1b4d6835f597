import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  test as base,
  chromium,
  expect,
  type Browser,
  type ElectronApplication,
  type Locator,
  type Page,
  type TestInfo,
} from '@playwright/test';
import { chromiumProgram, whatIsMissing, type HostName } from './hosts';
import { PageProblems } from './page-problems';
import { startDesktop, startLoopback, startSecond, type RunningHost, type StartOptions } from './running-host';

export { expect };

export interface HostOptions {
  readonly host: HostName;
  /** Captures on the command line of the host. */
  readonly captures: readonly string[];
}

/** The app as a test has it, the same on every host. */
export interface Desk {
  /** Another one after `restart`. */
  readonly page: Page;
  /** Null in a browser. */
  readonly app: ElectronApplication | null;
  readonly host: HostName;
  /** The workspace's folder. */
  readonly workspace: string;
  /** An empty folder, for instance for exports. */
  readonly folder: string;
  /** What the page reported so far; it must be empty in the end, so who provokes an error takes it. */
  readonly problems: PageProblems;
  /** Names files as a user does: in the native dialog, or by their paths in a browser. */
  nameFiles(paths: readonly string[]): Promise<void>;
  /** Chooses files in the dialog of the desktop, or in the file chooser of the browser, which uploads them. */
  chooseFiles(paths: readonly string[]): Promise<void>;
  /** Says yes, by Enter, to how an import is proposed. */
  importAsProposed(): Promise<void>;
  /** Names captures, and imports them as it is proposed. */
  openCapture(paths: readonly string[]): Promise<void>;
  /** Chooses captures, and imports them as it is proposed. */
  chooseCapture(paths: readonly string[]): Promise<void>;
  /** Drags files of this computer from outside over the page, and holds them there. */
  dragOver(paths: readonly string[]): Promise<void>;
  /** Drags files of this computer from outside onto the page, and lets them go. */
  drop(paths: readonly string[]): Promise<void>;
  /** Replaces the native dialog for captures. @param paths null when the user cancels it. Desktop only */
  answerOpenDialog(paths: readonly string[] | null): Promise<void>;
  /** Replaces the native dialog for exports. @param path null when the user cancels it. Desktop only */
  answerSaveDialog(path: string | null): Promise<void>;
  /** Kills the engine, which has no time to say anything. */
  killEngine(): void;
  /** Stops the host where it is, or lets it go on. */
  freezeHost(isFrozen: boolean): void;
  /** Ends the host and starts it again with the same workspace and profile. */
  restart(): Promise<void>;
  /** Starts the app a second time while it runs. Desktop only. @returns the exit code of the second */
  startAgain(captures: readonly string[]): Promise<number | null>;
}

const CHROMIUM_SWITCHES = [
  ...['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
];

class RunningDesk implements Desk {
  readonly host: HostName;
  readonly workspace: string;
  readonly folder: string;
  readonly problems = new PageProblems();
  readonly #root: string;
  readonly #captures: readonly string[];
  readonly #browser: () => Promise<Browser>;
  #running: RunningHost | null = null;

  constructor(host: HostName, captures: readonly string[], browser: () => Promise<Browser>) {
    this.host = host;
    // Not below test-output: the path of a socket ends at 107 bytes.
    this.#root = realpathSync(mkdtempSync(join(tmpdir(), 'natscope-e2e-')));
    this.workspace = join(this.#root, 'workspace');
    this.folder = join(this.#root, 'folder');
    mkdirSync(this.folder);
    this.#captures = captures;
    this.#browser = browser;
  }

  get #host(): RunningHost {
    if (this.#running === null) throw new Error('the host is not running');
    return this.#running;
  }

  get page(): Page {
    return this.#host.page;
  }

  get app(): ElectronApplication | null {
    return this.#host.app;
  }

  get #options(): StartOptions {
    return { workspace: this.workspace, profile: join(this.#root, 'profile'), captures: this.#captures };
  }

  async start(): Promise<void> {
    this.#running =
      this.host === 'loopback'
        ? await startLoopback(await this.#browser(), this.#options)
        : await startDesktop(this.host, this.#options);
    this.problems.watch(this.page);
    this.page.setDefaultTimeout(10_000);
    // Without a film of it and without its pages, which cost a seventh each of all that the browser does.
    const snapshots = process.env['NATSCOPE_E2E_SNAPSHOTS'] === '1';
    await this.#running.context.tracing.start({ screenshots: false, snapshots });
  }

  /** @param info of the running test; null to keep nothing */
  async stop(info: TestInfo | null): Promise<void> {
    const running = this.#running;
    this.#running = null;
    if (running === null) return;
    try {
      if (info !== null) await keepEvidenceOfFailure(running, info);
    } finally {
      await running.close();
    }
  }

  /** Of a test that has failed. */
  async keepEvidence(info: TestInfo): Promise<void> {
    if (this.#running !== null) await keepEvidenceOfFailure(this.#running, info);
  }

  async restart(): Promise<void> {
    await this.stop(null);
    await this.start();
  }

  startAgain(captures: readonly string[]): Promise<number | null> {
    if (this.host === 'loopback') throw new Error('a browser host may run as often as there are ports');
    return startSecond(this.host, { ...this.#options, captures });
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true, maxRetries: 5 });
  }

  async openCapture(paths: readonly string[]): Promise<void> {
    await this.nameFiles(paths);
    await this.importAsProposed();
  }

  async chooseCapture(paths: readonly string[]): Promise<void> {
    await this.chooseFiles(paths);
    await this.importAsProposed();
  }

  async importAsProposed(): Promise<void> {
    const start = this.page.getByRole('dialog').getByRole('button', { name: 'Import', exact: true });
    await expect(start).toBeFocused();
    await this.page.keyboard.press('Enter');
    await expect(start).toBeHidden();
  }

  async nameFiles(paths: readonly string[]): Promise<void> {
    if (this.app === null) {
      await this.page.getByRole('button', { name: 'Paste path' }).click();
      await this.page.getByRole('dialog').getByRole('textbox').fill(paths.join('\n'));
      await this.page.getByRole('dialog').getByRole('button', { name: /^Open/ }).click();
    } else {
      await this.answerOpenDialog(paths);
      await this.page.getByRole('button', { name: 'Open captures' }).click();
    }
  }

  async chooseFiles(paths: readonly string[]): Promise<void> {
    const open = this.page.getByRole('button', { name: 'Open captures' });
    if (this.app === null) {
      const chooser = this.page.waitForEvent('filechooser');
      await open.click();
      await (await chooser).setFiles([...paths]);
    } else {
      await this.answerOpenDialog(paths);
      await open.click();
    }
  }

  dragOver(paths: readonly string[]): Promise<void> {
    return this.#drag(paths, ['dragEnter', 'dragOver']);
  }

  /** Now and then the browser loses the drop that it is told of, on a page that is new: nothing of the page hears it. */
  async drop(paths: readonly string[]): Promise<void> {
    await expect(async () => {
      await this.dragOver(paths);
      await this.#drag(paths, ['drop']);
      await expect(this.#dropOverlay).toBeHidden({ timeout: 2000 });
    }).toPass({ timeout: 10_000 });
  }

  get #dropOverlay(): Locator {
    return this.page.getByText('Let go to open');
  }

  /** By the browser's own protocol: a script of the page could only drop files that have no path. */
  async #drag(paths: readonly string[], types: readonly ('dragEnter' | 'dragOver' | 'drop')[]): Promise<void> {
    // Before anything is drawn, nothing is there that files could be dropped on.
    await expect(this.page.getByRole('main').getByRole('heading').first()).toBeVisible();
    const session = await this.#host.context.newCDPSession(this.page);
    try {
      const data = { items: [], files: [...paths], dragOperationsMask: 1 };
      for (const type of types) await session.send('Input.dispatchDragEvent', { type, x: 400, y: 300, data });
      if (!types.includes('drop')) await expect(this.#dropOverlay).toBeVisible();
    } finally {
      await session.detach();
    }
  }

  async answerOpenDialog(paths: readonly string[] | null): Promise<void> {
    const answer = { canceled: paths === null, filePaths: [...(paths ?? [])] };
    await this.#desktop.evaluate(({ dialog }, given) => {
      dialog.showOpenDialog = () => Promise.resolve(given);
    }, answer);
  }

  async answerSaveDialog(path: string | null): Promise<void> {
    const answer = { canceled: path === null, filePath: path ?? '' };
    await this.#desktop.evaluate(({ dialog }, given) => {
      dialog.showSaveDialog = () => Promise.resolve(given);
    }, answer);
  }

  get #desktop(): ElectronApplication {
    if (this.app === null) throw new Error('a browser has no native dialogs');
    return this.app;
  }

  freezeHost(isFrozen: boolean): void {
    this.#host.freeze(isFrozen);
  }

  killEngine(): void {
    const owner = JSON.parse(readFileSync(join(this.workspace, 'owner.json'), 'utf8')) as { pid: number };
    process.kill(owner.pid, 'SIGKILL');
  }
}

/**
 * A failed test leaves a picture, a trace and what the page said; the trace has pages with `NATSCOPE_E2E_SNAPSHOTS=1`
 * alone.
 */
async function keepEvidenceOfFailure({ page, context }: RunningHost, info: TestInfo): Promise<void> {
  if (info.status === info.expectedStatus) return;
  const trace = info.outputPath('trace.zip');
  await context.tracing.stop({ path: trace }).then(
    () => info.attachments.push({ name: 'trace', path: trace, contentType: 'application/zip' }),
    // The host may be what has failed.
    () => undefined,
  );
  const screenshot = info.outputPath('page.png');
  await page.screenshot({ path: screenshot, timeout: 5000 }).then(
    () => info.attachments.push({ name: 'page', path: screenshot, contentType: 'image/png' }),
    () => undefined,
  );
  // Told again at the end of all tests: where they run by themselves, no file of theirs may be left.
  await page
    .locator('body')
    .ariaSnapshot({ timeout: 5000 })
    .then(
      (text) => info.attachments.push({ name: 'page as text', body: Buffer.from(text), contentType: 'text/plain' }),
      () => undefined,
    );
}

/** Skips where a browser is missing, so that it shows; in CI a missing browser is a failure. */
export function requireBrowser(host: HostName, skip: (isSkipped: boolean, why: string) => void): void {
  const missing = whatIsMissing(host);
  if (missing === null) return;
  if (process.env['CI'] === 'true') throw new Error(missing);
  skip(true, missing);
}

interface WorkerFixtures extends HostOptions {
  /** Started when it is first asked for: hosts of the desktop bring their own. */
  readonly sharedBrowser: () => Promise<Browser>;
  /** Likewise, with the sample imported. */
  readonly sharedDesk: () => Promise<RunningDesk>;
}

interface TestFixtures {
  readonly desk: Desk;
  /**
   * One with the log of the sample on its page, loaded anew. It is shared, since most of what a scenario costs is its host:
   * so it is only for those that leave the workspace as it is.
   */
  readonly sampleDesk: Desk;
  readonly captures: readonly string[];
}

/** Starts a host of its own, imports the sample, and waits until its log is on the page. */
async function startWithSample(host: HostName, browser: () => Promise<Browser>): Promise<RunningDesk> {
  const desk = new RunningDesk(host, [], browser);
  try {
    await desk.start();
    await desk.page.getByRole('button', { name: 'Open the sample' }).click();
    await expect(desk.page.getByRole('grid')).toBeVisible();
    return desk;
  } catch (error) {
    await desk.stop(null);
    desk.remove();
    throw error;
  }
}

export const test = base.extend<TestFixtures, Omit<WorkerFixtures, 'captures'>>({
  host: ['loopback', { option: true, scope: 'worker' }],
  captures: [[], { option: true }],
  sharedBrowser: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads the names of fixtures off the pattern
    async ({}, use) => {
      const launched = new Set<Promise<Browser>>();
      await use(() => {
        const [already] = launched;
        if (already !== undefined) return already;
        const first = chromium.launch({
          executablePath: chromiumProgram() ?? '',
          args: CHROMIUM_SWITCHES,
          // Users have scroll bars, which take room.
          ignoreDefaultArgs: ['--hide-scrollbars'],
        });
        launched.add(first);
        return first;
      });
      for (const browser of launched) await (await browser).close();
    },
    { scope: 'worker' },
  ],
  sharedDesk: [
    async ({ host, sharedBrowser }, use) => {
      const started = new Set<Promise<RunningDesk>>();
      await use(() => {
        const [already] = started;
        if (already !== undefined) return already;
        const first = startWithSample(host, sharedBrowser);
        started.add(first);
        return first;
      });
      for (const starting of started) {
        const desk = await starting.catch(() => null);
        if (desk === null) continue;
        await desk.stop(null);
        desk.remove();
      }
    },
    { scope: 'worker' },
  ],
  sampleDesk: async ({ host, sharedDesk }, use, info) => {
    requireBrowser(host, (isSkipped, why) => info.skip(isSkipped, why));
    const desk = await sharedDesk();
    try {
      await desk.page.emulateMedia({ colorScheme: null, reducedMotion: null, forcedColors: null });
      await desk.page.evaluate(() => {
        location.hash = '#/logs/local/session-log';
        // What the test before has written is not to be there again.
        sessionStorage.removeItem('natscope.query');
      });
      await desk.page.reload();
      await expect(desk.page.getByRole('grid').getByRole('row').nth(1)).toBeVisible();
      await use(desk);
      expect(desk.problems.take(), 'what the page reported').toEqual([]);
    } finally {
      // Playwright ends the worker of a failed test, and with it this host.
      await desk.keepEvidence(info);
    }
  },
  desk: async ({ host, captures, sharedBrowser }, use, info) => {
    requireBrowser(host, (isSkipped, why) => info.skip(isSkipped, why));
    const desk = new RunningDesk(host, captures, sharedBrowser);
    try {
      await desk.start();
      await use(desk);
      expect(desk.problems.take(), 'what the page reported').toEqual([]);
    } finally {
      await desk.stop(info);
      desk.remove();
    }
  },
});
