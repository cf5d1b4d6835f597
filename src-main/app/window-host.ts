import type { Socket } from 'node:net';
import { app, dialog, Menu } from 'electron';
import { CHANNEL } from '../contract/electron-channels';
import { AppError, toErrorShape } from '../contract/errors';
import { answerHostCall } from '../engine/host-requests';
import type { AppWindow } from './app-windows';
import { contextMenuTemplate } from './context-menu';
import { CrashGuard } from './crash-guard';
import { EnginePipes } from './engine-pipes';
import { desktopHostCalls, type HostCallContext } from './host-call-handlers';
import { HangGuard } from './hang-guard';
import { guardLeaving } from './leave-guard';
import { PAGE_URL } from './page-protocol';
import { isOurPage, type MessageSource } from './trusted-sender';
import type { WakeKeeper } from './wake-keeper';
import { WindowWork } from './window-work';
import { showNotification } from './work-notification';

/** What all windows have in common. */
export interface AppServices extends Omit<HostCallContext, 'window' | 'handed' | 'work'> {
  readonly wake: WakeKeeper;
  /** @returns a connection to the engine, when it has started */
  readonly connect: () => Promise<Socket>;
  readonly report: (line: string) => void;
  /** Ends the app as failed; for a window among others, that window alone. @returns which ends */
  readonly giveUp: (window: AppWindow | null) => 'app' | 'window';
  readonly isStopping: () => boolean;
  /** Whether the app is to end whatever its windows do. */
  readonly mustEnd: () => boolean;
}

/** Serves a window until it closes, and loads its page. */
export function hostWindow(own: AppWindow, services: AppServices): void {
  const { window, handed } = own;
  const { engine, settings, wake, connect, report } = services;
  const contents = window.webContents;
  const work = new WindowWork({
    ...{ window, wake },
    notifies: () => settings.settings.notifies,
    notify: (body) => showNotification(body, () => own.show()),
  });
  const calls = desktopHostCalls({ ...services, window, handed, work });
  const isTrusted = (event: MessageSource): boolean => isOurPage(event, contents.id);
  contents.ipc.handle(CHANNEL.call, (event, name: unknown, request: unknown) =>
    isTrusted(event)
      ? answerHostCall(calls, name, request)
      : { ok: false, error: toErrorShape(new AppError('REQUEST_INVALID', 'The host answers its own page only')) },
  );
  const pipes = new EnginePipes(contents, connect, isTrusted);
  const leave = (): void => {
    pipes.dropAll();
    work.run(null);
  };
  contents.ipc.on(CHANNEL.pageBegins, (event) => {
    if (isTrusted(event)) work.run(null);
  });
  contents.on('did-finish-load', () => {
    // A page that is loaded has the zoom of its origin, which is that of the last one.
    contents.setZoomFactor(settings.settings.zoomPercent / 100);
    // What was said before a page listens is said again.
    own.tell('engine:state', engine.state);
  });
  contents.on('context-menu', (_event, clicked) => {
    const template = contextMenuTemplate(clicked);
    if (template.length > 0) Menu.buildFromTemplate(template).popup({ window });
  });
  window.on('closed', leave);
  guardLeaving({ window, dialog, kind: () => work.running?.kind ?? 'import', mustEnd: services.mustEnd });

  const hang = new HangGuard({ window, dialog, isWorking: () => work.running !== null });
  const load = (): void => void loadPage(own, services);
  const guard = new CrashGuard({ report, reload: load, giveUp: () => services.giveUp(own) });
  contents.on('render-process-gone', (_event, { reason, exitCode }) => {
    leave();
    if (hang.takeEnd()) load();
    else guard.ended('renderer', reason, exitCode);
  });
  load();
}

/** The process that draws all windows is started again by Chromium, and what it drew by their pages. */
export function watchGraphics(reloadAll: () => void, { report, giveUp }: Pick<AppServices, 'report' | 'giveUp'>): void {
  const guard = new CrashGuard({ report, reload: reloadAll, giveUp: () => giveUp(null) });
  app.on('child-process-gone', (_event, { type, reason, exitCode }) => {
    // The engine, a utility process too, is watched by who started it.
    if (type === 'GPU') guard.ended('GPU', reason, exitCode);
  });
}

/** A load that is overtaken by another, or by the end of the app, rejects, and means nothing. */
export function loadPage({ window }: AppWindow, { report, isStopping }: AppServices): Promise<void> {
  return window.loadURL(PAGE_URL).catch((cause: unknown) => {
    if (!window.isDestroyed() && !isStopping())
      report(`natscope: the page cannot be loaded: ${toErrorShape(cause).message}`);
  });
}
