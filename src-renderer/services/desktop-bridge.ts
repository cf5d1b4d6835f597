import { AppError, toErrorShape } from '../../src-main/contract/errors';
import type { PreloadApi } from '../../src-main/contract/host-bridge';
import type { HostBridge } from './host-bridge';
import { t } from './messages/catalogue';

/** The host of a window of the desktop app. */
export function desktopBridge(api: PreloadApi): HostBridge {
  return {
    kind: 'desktop',
    call: async (name, request) => {
      try {
        return await api.call(name, request);
      } catch (cause) {
        return { ok: false, error: toErrorShape(cause) };
      }
    },
    on: (name, listener) => api.on(name, listener),
    connectEngine: (listener) => api.connectEngine(listener),
    pathOf: (file) => {
      const path = api.pathOf(file);
      if (path !== '') return Promise.resolve({ ok: true, value: path });
      const error = new AppError('CAPTURE_NOT_FOUND', t.errorTitle.captureWithoutPath(file.name), {
        file: file.name,
        hasPath: false,
      });
      return Promise.resolve({ ok: false, error: toErrorShape(error) });
    },
    downloadUrl: () => null,
  };
}
