import type { LogstorePlace } from './features/logstore/logstore-state.svelte';

/** As long as the engine takes a name of a project or a Logstore. */
const MOST_NAME_LENGTH = 128;

/** Parts of the page of a gateway, as they stand in the address. */
export const GATEWAY_TABS = ['basic', 'addresses', 'snat', 'session-log'] as const;
export type GatewayTab = (typeof GATEWAY_TABS)[number];

/** The page that is shown, as it stands behind the `#` of the address. */
export type Route =
  | { readonly page: 'captures' | 'who' | 'settings' }
  | {
      readonly page: 'gateways';
      /** Its id, and the part of it; null for the list of all. */
      readonly gateway: { readonly id: string; readonly tab: GatewayTab } | null;
    }
  | ({
      readonly page: 'logs';
      /** The name of a saved search. */
      readonly saved?: string;
    } & LogstorePlace);

export function routeText(route: Route): string {
  if (route.page === 'gateways') {
    const { gateway } = route;
    return gateway === null ? '#/gateways' : `#/gateways/${encodeURIComponent(gateway.id)}/${gateway.tab}`;
  }
  if (route.page !== 'logs') return `#/${route.page}`;
  const { project, logstore, saved } = route;
  const names = saved === undefined ? [project, logstore] : [project, logstore, saved];
  return `#/logs/${names.map((name) => encodeURIComponent(name)).join('/')}`;
}

/** @returns the captures page for what is no address of a page */
export function readRoute(hash: string): Route {
  const [, page, ...parts] = hash.split('/');
  if (page === 'who' || page === 'settings') return { page };
  try {
    const names = parts.map((part) => decodeURIComponent(part));
    if (page === 'gateways') return readGateway(names);
    return (page === 'logs' ? readLogs(names) : null) ?? { page: 'captures' };
  } catch {
    return { page: 'captures' };
  }
}

/** Whether it is the page of a Logstore, with a saved search or without. */
export function isOfLog(route: Route, { project, logstore }: LogstorePlace): boolean {
  return route.page === 'logs' && route.project === project && route.logstore === logstore;
}

function readGateway([id = '', part]: readonly string[]): Route {
  if (!isName(id)) return { page: 'gateways', gateway: null };
  const tab = GATEWAY_TABS.find((each) => each === part) ?? 'basic';
  return { page: 'gateways', gateway: { id, tab } };
}

function readLogs([project = '', logstore = '', saved]: readonly string[]): Route | null {
  if (!isName(project) || !isName(logstore)) return null;
  const place = { page: 'logs', project, logstore } as const;
  return saved === undefined ? place : { ...place, saved };
}

function isName(text: string): boolean {
  return text !== '' && text.length <= MOST_NAME_LENGTH;
}
