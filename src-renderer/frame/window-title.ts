import type { Route } from '../route';
import { t } from '../services/messages/catalogue';

/** @returns what a window with such a page is called, that which tells it from others first */
export function windowTitle(route: Route): string {
  return t.frame.title(route.page === 'logs' ? `${route.project}/${route.logstore}` : pageName(route.page));
}

function pageName(page: Exclude<Route['page'], 'logs'>): string {
  return page === 'settings' ? t.settings.title : t.frame[page];
}
