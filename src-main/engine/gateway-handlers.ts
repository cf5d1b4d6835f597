import type { GatewayCalls } from '../contract/gateways';
import type { Database } from '../duckdb/database';
import { REGIONS } from '../logstore/regions';
import type { CallHandlers } from './engine-calls';
import * as gateways from './gateway-service';
import * as sessionLogs from './session-log-service';
import * as vpcs from './vpc-service';

/** What the engine does for the calls of the console. */
export function gatewayHandlers(database: Database): Pick<CallHandlers, keyof GatewayCalls> {
  return {
    'region:list': () => Promise.resolve({ regions: REGIONS }),
    'vpc:list': async () => ({ vpcs: await vpcs.listVpcs(database) }),
    'vpc:create': (request) => vpcs.createVpc(database, request),
    'vpc:delete': ({ vpc }) => vpcs.deleteVpc(database, vpc),
    'vswitch:create': (request) => vpcs.createVSwitch(database, request),
    'vswitch:delete': ({ vSwitch }) => vpcs.deleteVSwitch(database, vSwitch),
    'gateway:list': async () => ({ gateways: await gateways.listGateways(database) }),
    'gateway:read': ({ gateway }) => gateways.readGatewayReport(database, gateway),
    'gateway:create': (request) => gateways.createGateway(database, request),
    'gateway:update': (request) => gateways.updateGateway(database, request),
    'gateway:delete': ({ gateway }) => gateways.deleteGateway(database, gateway),
    'eip:add': (request) => gateways.addEip(database, request),
    'eip:remove': (request) => gateways.removeEip(database, request),
    'snat:create': (request) => gateways.createSnatEntry(database, request),
    'snat:delete': (request) => gateways.deleteSnatEntry(database, request),
    'account:read': () => sessionLogs.readAccount(database),
    'account:update': (request) => sessionLogs.updateAccount(database, request),
    'session-log:list': async () => ({ sessionLogs: await sessionLogs.listReports(database) }),
    'session-log:read': ({ gateway }) => sessionLogs.readReport(database, gateway),
    'session-log:enable': (request) => sessionLogs.enableSessionLog(database, request),
    'session-log:change': (request) => sessionLogs.changeDestination(database, request),
    'session-log:stop': ({ gateway }) => sessionLogs.stopSessionLog(database, gateway),
  };
}
