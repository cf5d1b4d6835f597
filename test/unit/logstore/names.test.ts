import { describe, expect, test } from 'vitest';
import { checkLogstoreName, checkProjectName } from '../../../src-main/logstore/names';

const LONGEST = 'a'.repeat(63);

describe('a project is named by', () => {
  test.each(['local', 'abc', '1-2', 'a--b', LONGEST])('%s', (name) => {
    expect(() => checkProjectName(name)).not.toThrow();
  });
});

describe('a project name is refused with what is wrong:', () => {
  test.each([
    { name: 'ab', fault: '2 characters' },
    { name: `${LONGEST}a`, fault: '64 characters' },
    { name: '', fault: '0 characters' },
    { name: 'Local', fault: '"L"' },
    { name: 'a_b', fault: '"_"' },
    { name: 'a b', fault: '" "' },
    { name: 'größe', fault: '"ö"' },
    { name: '-ab', fault: 'start' },
    { name: 'ab-', fault: 'end' },
    { name: 'abc\n', fault: '"\n"' },
    { name: 'a"; drop', fault: '"""' },
  ])('$name', ({ name, fault }) => {
    const attempt = (): void => checkProjectName(name);
    expect(attempt).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
    expect(attempt).toThrow(fault);
  });
});

describe('a Logstore is named by', () => {
  test.each(['session-log', 'nat_event', 'ab', '0-9', LONGEST])('%s', (name) => {
    expect(() => checkLogstoreName(name)).not.toThrow();
  });
});

describe('a Logstore name is refused with what is wrong:', () => {
  test.each([
    { name: 'a', fault: '1 character instead' },
    { name: `${LONGEST}a`, fault: '64 characters' },
    { name: '_ab', fault: 'start' },
    { name: 'ab_', fault: 'end' },
    { name: 'a.b', fault: '"."' },
    { name: '日志库', fault: '"日"' },
  ])('$name', ({ name, fault }) => {
    const attempt = (): void => checkLogstoreName(name);
    expect(attempt).toThrow(expect.objectContaining({ code: 'LOGSTORE_NAME_INVALID' }));
    expect(attempt).toThrow(fault);
  });
});
