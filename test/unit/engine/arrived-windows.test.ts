import { expect, test } from 'vitest';
import { ArrivedWindows } from '../../../src-main/engine/arrived-windows';

const group = (sealedSec: number, entries: number) => ({ firstEntry: 0, entries, rawBytes: 0, sealedSec });

test('windows are told as entries of them come, each with all that it has', () => {
  const arrived = new ArrivedWindows(600);
  const groups = [group(1200, 4096), group(1200, 4)];
  expect(arrived.take(groups)).toEqual([{ startSec: 600, entries: 4100 }]);
  expect(arrived.take(groups)).toEqual([]);
  // A group of a window that is being handed out is filled in any order.
  const more = [group(1200, 4096), group(1200, 10), group(1800, 0), group(1800, 7)];
  expect(arrived.take(more)).toEqual([
    { startSec: 600, entries: 4106 },
    { startSec: 1200, entries: 7 },
  ]);
});
