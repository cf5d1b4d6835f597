import { Notification } from 'electron';
import { messages } from './messages';

/** Those that are shown: one that nobody holds is collected, and is not answered any more when it is clicked. */
const shown = new Set<Notification>();

/**
 * Shows a notification of the system, where it has any.
 *
 * @param body what has ended
 * @param onClick the user wants to see it
 */
export function showNotification(body: string, onClick: () => void): void {
  if (!Notification.isSupported()) return;
  const notification = new Notification({ title: messages.product, body });
  shown.add(notification);
  notification.on('click', () => {
    shown.delete(notification);
    onClick();
  });
  notification.on('close', () => shown.delete(notification));
  notification.show();
}
