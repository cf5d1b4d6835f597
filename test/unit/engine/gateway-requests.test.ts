import { expect, test } from 'vitest';
import { parseRequest } from '../../../src-main/engine/request-parsers';

const destination = {
  gateway: 'ngw-a',
  project: { mode: 'select', name: 'lab' },
  logstore: { mode: 'create', name: 'nat' },
};
const entry = { gateway: 'ngw-a', id: null, addresses: [], eipAffinity: null };

test('requests of the console pass unchanged', () => {
  expect(parseRequest('session-log:enable', destination)).toEqual(destination);
  for (const source of [
    { scope: 'vpc' },
    { scope: 'vSwitch', vSwitch: 'vsw-1' },
    { scope: 'host', ipAddress: '10.0.0.1' },
    { scope: 'cidr', cidrBlock: '10.0.0.0/8' },
  ]) {
    expect(parseRequest('snat:create', { ...entry, source })).toEqual({ ...entry, source });
  }
  const update = { gateway: 'ngw-a', config: { anything: [1] } };
  expect(parseRequest('gateway:update', update)).toEqual(update);
});

test.each([
  { name: 'a choice that is none', request: { ...destination, project: { mode: 'make', name: 'lab' } } },
  { name: 'a destination without a name', request: { ...destination, logstore: { mode: 'create', name: '' } } },
  { name: 'something that nobody asked for', request: { ...destination, modifying: true } },
])('refuses $name', ({ request }) => {
  const refused = expect.objectContaining({ code: 'REQUEST_INVALID' });
  expect(() => parseRequest('session-log:enable', request)).toThrow(refused);
  expect(() => parseRequest('snat:create', { ...entry, source: { scope: 'vpc', vSwitch: 'vsw-1' } })).toThrow(refused);
});
