import type { LogstorePlace } from './features/logstore/logstore-state.svelte';

/** As long as the engine takes a name of a project or a Logstore. */
const MOST_NAME_LENGTH = 128;

/** The page that is shown, as it stands behind the `#` of the address. */
export type Route =
  | { readonly page: 'captures' | 'who' | 'settings' }
  | ({
      readonly page: 'logs';
      /** The name of a saved search. */
      readonly saved?: string;
    } & LogstorePlace);

export function routeText(route: Route): string {
  if (route.page !== 'logs') return `#/${route.page}`;
  const { project, logstore, saved } = route;
  const names = saved === undefined ? [project, logstore] : [project, logstore, saved];
  return `#/logs/${names.map((name) => encodeURIComponent(name)).join('/')}`;
}

/** @returns the captures page for what is no address of a page */
export function readRoute(hash: string): Route {
  const [, page, project, logstore, saved] = hash.split('/');
  if (page === 'who' || page === 'settings') return { page };
  if (page !== 'logs' || project === undefined || logstore === undefined) return { page: 'captures' };
  try {
    const place = { project: decodeURIComponent(project), logstore: decodeURIComponent(logstore) };
    if (!isName(place.project) || !isName(place.logstore)) return { page: 'captures' };
    return saved === undefined ? { page, ...place } : { page, ...place, saved: decodeURIComponent(saved) };
  } catch {
    return { page: 'captures' };
  }
}

function isName(text: string): boolean {
  return text !== '' && text.length <= MOST_NAME_LENGTH;
}
