import type { App, Session, WebContents } from 'electron';
import { PAGE_URL } from './page-protocol';

/** What Electron tells of who asks for a permission, or whether it has one. */
interface Asker {
  readonly isMainFrame: boolean;
  /** Undefined where no document asks. */
  readonly requestingUrl?: string;
}

/** Our page copies text, which is the one permission that it needs: whoever asks for another is not our page. */
export function limitPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, answer, asker) => answer(isGiven(permission, asker)));
  session.setPermissionCheckHandler((_contents, permission, _origin, asker) => isGiven(permission, asker));
  session.setDevicePermissionHandler(() => false);
}

/**
 * @param permission Electron's name for it
 * @returns whether it is to write text into the clipboard, for the top frame of our page
 */
export function isGiven(permission: string, { isMainFrame, requestingUrl = '' }: Asker): boolean {
  return permission === 'clipboard-sanitized-write' && isMainFrame && requestingUrl.startsWith(PAGE_URL);
}

/** The page is one page: whatever would lead away from it, or open another, is refused, in every frame there may be. */
export function denyNavigation(app: App): void {
  app.on('web-contents-created', (_event, contents) => confine(contents));
}

function confine(contents: WebContents): void {
  contents.on('will-navigate', (event) => event.preventDefault());
  contents.on('will-frame-navigate', (event) => event.preventDefault());
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}
