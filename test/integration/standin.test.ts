import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { namesIn, processesNaming, standinPath, startOnStandin, until, type Started } from '../support/standin';
import { tempFolder, tempFolderForFile } from '../support/temp';
import { hasTool, needing } from '../support/tools';

const appFolder = join(import.meta.dirname, '../standin/fixture-app');
const isMissing = !hasTool('chromium');
const suite = (title: string) => needing('chromium', title);

/** Starts the fixture with a folder of its own for what the stand-in writes. */
async function startFixture(env: Record<string, string> = {}, dir = tempFolder()): Promise<Started & { dir: string }> {
  const profile = join(dir, 'config');
  const set = { NATSCOPE_STANDIN_DIR: join(dir, 'out'), XDG_CONFIG_HOME: profile, ...env };
  return { ...(await startOnStandin([appFolder], 'Here', set)), dir };
}

const happened = (started: Started): Promise<string[]> =>
  started.app.evaluate(() => (globalThis as unknown as { fixture: { happened: string[] } }).fixture.happened);

/** Awaits an expression in the page, which has the fixture's bridge. @returns its value, or its error as text */
const inPage = <T>({ page }: Started, expression: string): Promise<T | string> =>
  page.evaluate<T | string>(`(async () => (${expression}))().catch((error) => error.name + ': ' + error.message)`);

describe.skipIf(isMissing)(suite('an app on the stand-in'), () => {
  let started: Started & { dir: string };
  beforeAll(async () => {
    started = await startFixture({}, tempFolderForFile());
  });
  afterAll(() => started.app.close());

  test('its page runs in isolation: no Node, no preload globals, a frozen bridge without ipcRenderer', async () => {
    const seen = `[typeof require, typeof process, typeof preloadLeak, typeof __standin, typeof __standinOpen,
      Object.isFrozen(fixture), Object.isFrozen(fixture.nested.list[1]), Object.keys(fixture.whole), window.ran]`;
    const none = 'undefined';
    expect(await inPage(started, seen)).toEqual([none, none, none, none, none, true, true, [], true]);
    expect(await inPage(started, 'fixture.requireFs()')).toBe('Error: module not found: node:fs');
    expect(await inPage(started, 'fixture.throwing()')).toBe('Error: from the preload');
  });

  test('a path of the app is set to a folder that is there, or not at all', async () => {
    const set = (path: string) =>
      started.app.evaluate(({ app }, given) => {
        try {
          app.setPath('downloads', given);
          return app.getPath('downloads');
        } catch (error) {
          return String(error);
        }
      }, path);
    expect(await set(join(started.dir, 'missing'))).toMatch(/^Error: Failed to set path: .*missing does not exist$/);
    expect(await set(started.dir)).toBe(started.dir);
  });

  test('the focus of the desktop is at the window that was shown or focused last, until it is taken from it', async () => {
    const seen = await started.app.evaluate(async ({ BrowserWindow }) => {
      const [first] = BrowserWindow.getAllWindows();
      const heard: string[] = [];
      first?.on('focus', () => heard.push('focus')).on('blur', () => heard.push('blur'));
      const focused = (): boolean[] => BrowserWindow.getAllWindows().map((window) => window.isFocused());
      const hidden = new BrowserWindow({ show: false });
      const made = focused();
      hidden.show();
      const shown = focused();
      await hidden.loadURL('about:blank');
      hidden.destroy();
      const back = focused();
      first?.blur();
      return { heard, made, shown, back, none: BrowserWindow.getFocusedWindow() };
    });
    const heard = ['blur', 'focus', 'blur'];
    expect(seen).toEqual({ heard, made: [true, false], shown: [false, true], back: [true], none: null });
  });

  test('a window is called as its page is, and hears where a menu is asked for, unless the page has one', async () => {
    // It listens before the page asks, however busy the machine is.
    await started.app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows();
      Object.assign(globalThis, {
        asked: new Promise((resolve) =>
          window?.webContents.once('context-menu', (_event, { isEditable, selectionText, editFlags: { canCopy } }) =>
            resolve([window.getTitle(), isEditable, selectionText, canCopy]),
          ),
        ),
      });
    });
    await started.page.evaluate(`{
      document.title = 'Called so';
      const field = document.createElement('input');
      field.value = 'some words';
      document.body.append(field);
      field.setSelectionRange(0, 4);
      field.addEventListener('contextmenu', (event) => event.preventDefault(), { once: true });
      for (let time = 0; time < 2; time++) {
        field.dispatchEvent(new MouseEvent('contextmenu', { bubbles: true, cancelable: true }));
      }
      field.remove();
    }`);
    const asked = started.app.evaluate(() => (globalThis as unknown as { asked: Promise<unknown> }).asked);
    expect(await asked).toEqual(['Called so', true, 'some', true]);
  });

  test.each([
    { name: 'a typed array', value: 'new BigInt64Array([-5n, 7n])' },
    { name: 'a part of a buffer', value: 'new Uint8Array([1, 2, 3]).subarray(1)' },
    { name: 'a Map in an object', value: '{ map: new Map([[1, new Date(3)]]) }' },
  ])('$name crosses to the main process and back unchanged', async ({ value }) => {
    const same = `(async (sent) => {
      const back = await fixture.invoke('echo', sent);
      const text = (each) => Object.prototype.toString.call(each) + JSON.stringify(each, (_k, v) => typeof v === 'bigint' ? v + 'n' : v instanceof Map ? [...v] : v);
      return [text(back) === text(sent), back.constructor === sent.constructor];
    })(${value})`;
    expect(await inPage(started, same)).toEqual([true, true]);
  });

  test('what cannot be cloned is refused on either side, and errors keep their text', async () => {
    expect(await inPage(started, "fixture.invoke('unclonable')")).toMatch(/unclonable': .*could not be cloned/);
    expect(await inPage(started, "fixture.invoke('echo', document.body)")).toMatch(/could not be cloned/);
    const failed = "Error: Error invoking remote method 'fail': RangeError: on purpose";
    expect(await inPage(started, "fixture.invoke('fail')")).toBe(failed);
    const unknown = await inPage(started, "fixture.invoke('nobody')");
    expect(unknown).toContain("No handler registered for 'nobody'");
  });

  test('callbacks are called with typed arrays', async () => {
    const said = `new Promise((resolve) => fixture.say(new Uint8Array([1, 2]), (value) => resolve(value.constructor === Uint8Array && value.length)))`;
    expect(await inPage(started, said)).toBe(2);
  });

  test('the main process sees which frame speaks', async () => {
    const top = { url: 'fix://app/', origin: 'fix://app', parentUrl: null };
    expect(await inPage(started, "fixture.invoke('sender')")).toEqual(top);
  });

  test('ports carry typed arrays between the page and the main process, and their end', async () => {
    const got = await inPage<unknown[]>(
      started,
      `new Promise((resolve) => {
        const got = [];
        window.addEventListener('message', ({ data, ports: [port] }) => {
          port.onmessage = (message) => {
            got.push([data, message.data.constructor.name, Object.values(message.data)]);
            if (got.length === 2) resolve(got);
            if (data === 'numbers') port.close();
          };
          if (data === 'numbers') port.postMessage(new Float64Array([1, 2]));
        });
        fixture.openPort();
      })`,
    );
    expect(got).toEqual(
      expect.arrayContaining([
        ['numbers', 'Float64Array', [2, 4]],
        ['sums', 'Object', [3]],
      ]),
    );
    await until('the port is closed', async () => (await happened(started)).includes('port closed'));
  });

  test('its scheme answers with status, headers and streamed bodies, and gets what is posted', async () => {
    const streamed = `fetch('/streamed').then(async (r) => [r.status, r.headers.get('x-fixture'), await r.text()])`;
    expect(await inPage(started, streamed)).toEqual([203, 'yes', 'one two three']);
    expect(await inPage(started, `fetch('/echo', { method: 'POST', body: 'ä' }).then((r) => r.text())`)).toBe('POST ä');
    expect(await inPage(started, `fetch('/none').then((r) => r.status)`)).toBe(404);
    // The debugger may evaluate text whatever the policy says, but only until it yields.
    const later = `new Promise((resolve) => setTimeout(resolve)).then(() => (0, eval)('1'))`;
    expect(await inPage(started, later)).toMatch(/^EvalError: .*Content Security Policy/);
    expect(await inPage(started, `fetch('https://elsewhere.invalid/')`)).toMatch(/^TypeError/);
  });

  test('permissions that its handlers deny are denied', async () => {
    const state = `navigator.permissions.query({ name: 'notifications' }).then(({ state }) => state)`;
    expect(await inPage(started, state)).toBe('denied');
  });

  test('a file that was chosen has its path', async () => {
    await started.page.setInputFiles('#file', join(appFolder, 'package.json'));
    const path = `fixture.pathOf(document.querySelector('#file').files[0])`;
    expect(await inPage(started, path)).toBe(join(appFolder, 'package.json'));
    expect(await inPage(started, `fixture.pathOf(new File(['x'], 'made.txt'))`)).toBe('');
  });

  test('leaving the page and new windows are asked for, and refused', async () => {
    await started.page.click('#away');
    expect(await inPage(started, `window.open('fix://app/pop')`)).toBe(null);
    await started.page.click('#blank');
    const asked = ['navigate https://away.invalid/', 'open fix://app/pop', 'open fix://app/other'];
    const isAsked = async () => asked.every(Set.prototype.has, new Set(await happened(started)));
    await until('the app was asked', isAsked);
    expect(started.app.windows()).toHaveLength(1);
    expect(await inPage(started, 'location.href')).toBe('https://app.fix.standin.invalid/');
    const opened = await started.app.evaluate(
      ({ shell }) => (shell as unknown as Record<symbol, { target: string }[]>)[Symbol.for('standin.asked')],
    );
    expect(opened?.map(({ target }) => target)).toEqual(asked.slice(1).map((each) => each.replace('open ', '')));
  });

  test('the theme that is set reaches the page', async () => {
    await started.app.evaluate(({ nativeTheme }) => (nativeTheme.themeSource = 'dark'));
    const isDark = `matchMedia('(prefers-color-scheme: dark)').matches`;
    await until('dark', async () => (await inPage(started, isDark)) === true);
    expect(await happened(started)).toContain('dark true');
  });

  test('windows have their bounds, and displays are found by them', async () => {
    const bounds = await started.app.evaluate(({ BrowserWindow, screen }) => {
      const [window] = BrowserWindow.getAllWindows();
      window?.setBounds({ width: 1000, height: 700 });
      const at = { x: 5000, y: 0, width: 10, height: 10 };
      return [window?.getBounds(), window?.isVisible(), screen.getDisplayMatching(at).bounds.width];
    });
    expect(bounds).toEqual([{ x: 0, y: 0, width: 1000, height: 700 }, true, 1920]);
    await until('the page is as wide', async () => (await inPage(started, 'innerWidth')) === 1000);
  });

  test('menus are built with roles and do what they say; dialogs refuse until a test answers', async () => {
    const found = await started.app.evaluate(async ({ Menu, dialog }) => {
      const menu = Menu.getApplicationMenu();
      menu?.getMenuItemById('do')?.click();
      const refused = await dialog.showOpenDialog({}).catch((error: unknown) => String(error));
      const answer = { canceled: false, filePaths: ['/a'] };
      dialog.showOpenDialog = () => Promise.resolve(answer);
      return [menu?.items.map(({ label }) => label), refused, (await dialog.showOpenDialog({})).filePaths];
    });
    expect(found).toEqual([['Edit', 'File'], expect.stringContaining('was not answered'), ['/a']]);
    expect(await happened(started)).toContain('menu');
  });

  test('a utility process speaks by its parent port, with typed arrays, and its end is told', async () => {
    const ended = await inPage<object>(started, "fixture.invoke('fork', 'end')");
    const message = { kind: 'BigInt64Array', sum: 2n ** 62n + 1n };
    expect(ended).toEqual({ messages: [message], stdout: 'child end utility\n', stderr: 'undefined\n', exitCode: 7 });
    await until('it is gone', async () => (await happened(started)).includes('gone fixture abnormal-exit'));
  });

  test('a second process with the same profile hands over its arguments and ends', async () => {
    const env = {
      ...process.env,
      NATSCOPE_STANDIN_DIR: join(started.dir, 'out2'),
      XDG_CONFIG_HOME: join(started.dir, 'config'),
    };
    const second = spawn(standinPath, [appFolder, 'later.pcap'], { env, stdio: 'ignore' });
    expect(await once(second, 'exit')).toEqual([0, null]);
    await until('the first was told', async () => (await happened(started)).includes('second later.pcap number'));
    // What removes its folder outlives it by a moment.
    await until('its folder is gone', () => Promise.resolve(namesIn(join(started.dir, 'out2')).length === 0));
  });

  test('a crash of the renderer is told', async () => {
    await started.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer(),
    );
    await until('it is told', async () => (await happened(started)).includes('renderer crashed'));
  });
});

describe.skipIf(isMissing)(suite('a wrong setting shows'), () => {
  let started: Started | undefined;
  afterEach(async () => {
    await started?.app.close();
    started = undefined;
  });

  test.each([
    { name: 'nodeIntegration', preferences: { nodeIntegration: true } },
    { name: 'no sandbox', preferences: { sandbox: false } },
    { name: 'no isolation', preferences: { contextIsolation: false } },
  ])('$name gives the page `require`', async ({ preferences }) => {
    started = await startFixture({ FIXTURE_PREFERENCES: JSON.stringify(preferences) });
    expect(await inPage(started, 'typeof require')).toBe('function');
    if (preferences.contextIsolation !== false) return;
    expect(await inPage(started, '[typeof preloadLeak, typeof fixture]')).toEqual(['boolean', 'undefined']);
    expect(await happened(started)).toContainEqual(expect.stringContaining('preload.cjs'));
  });

  test('without handlers permissions are granted, and windows and navigation are allowed', async () => {
    const server = createServer((_request, response) => response.end('Away')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const away = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const env = {
      FIXTURE_PERMISSIONS: 'default',
      FIXTURE_POPUPS: 'allow',
      FIXTURE_NAVIGATION: 'allow',
      FIXTURE_AWAY: away,
    };
    started = await startFixture(env);
    const state = `navigator.permissions.query({ name: 'notifications' }).then(({ state }) => state)`;
    expect(await inPage(started, state)).toBe('granted');
    const opened = started.app.waitForEvent('window');
    await inPage(started, `window.open('/frame')`);
    await (await opened).getByText('Frame').waitFor();
    await started.page.click('#away');
    await started.page.waitForURL(away);
    server.close();
  });

  test('frames in which the preload script runs have a parent', async () => {
    started = await startFixture({ FIXTURE_PREFERENCES: JSON.stringify({ nodeIntegrationInSubFrames: true }) });
    const frame = await until('the frame', () => started?.page.frames().length === 2).then(
      () => started?.page.frames()[1],
    );
    const sender = await frame?.evaluate<unknown>(`fixture.invoke('sender')`);
    expect(sender).toEqual({ url: 'fix://app/frame', origin: 'fix://app', parentUrl: 'fix://app/' });
  });

  test('a preload script that is not there is told, and there is no bridge', async () => {
    started = await startFixture({ FIXTURE_PREFERENCES: JSON.stringify({ preload: '/nowhere/preload.cjs' }) });
    expect(await inPage(started, 'typeof fixture')).toBe('undefined');
    expect(await happened(started)).toContain('preload /nowhere/preload.cjs');
  });
});

describe.skipIf(isMissing)(suite('nothing is left behind'), () => {
  test('after quitting', async () => {
    const { app, dir } = await startFixture();
    await app.close();
    await until('the folder is empty', () => namesIn(join(dir, 'out')).length === 0);
    await until('its processes are gone', () => processesNaming(dir).length === 0);
  });

  test('after being killed, with a utility process running', async () => {
    const dir = tempFolder();
    const env = { ...process.env, NATSCOPE_STANDIN_DIR: join(dir, 'out'), XDG_CONFIG_HOME: join(dir, 'config') };
    const child = spawn(standinPath, [appFolder], { env, stdio: 'ignore', detached: true });
    await until('a browser runs', () => processesNaming(join(dir, 'out')).length > 3);
    process.kill(child.pid ?? 0, 'SIGKILL');
    await until('the browser is gone', () => processesNaming(dir).length === 0);
    await until('the folder is empty', () => namesIn(join(dir, 'out')).length === 0);
  });
});
