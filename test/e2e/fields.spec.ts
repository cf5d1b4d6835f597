import type { FieldStatistics } from '../../src-main/contract/field-statistics';
import { natscope } from '../support/command';
import { expect, test, type Desk } from './fixtures';
import { expectWellMade } from './page-checks';

/* What the fields of a log hold, beside it. */

async function statisticsOf(desk: Desk, field: string, text: string): Promise<FieldStatistics> {
  const { stdout, code } = await natscope(['field', field, text, '--workspace', desk.workspace, '--json']);
  expect(code).toBe(0);
  return JSON.parse(stdout) as FieldStatistics;
}

test('the values of a field are counted as the command counts them, and one is filtered for by keyboard alone', async ({
  sampleDesk: desk,
}) => {
  const { page } = desk;
  const fields = page.getByRole('region', { name: 'Fields' });
  const field = fields.getByRole('button', { name: /pri_ip/u });
  await fields.getByRole('textbox').focus();
  await page.keyboard.type('pri_i');
  await page.keyboard.press('Tab');
  await expect(field).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(field).toHaveAttribute('aria-expanded', 'true');

  const whole = await statisticsOf(desk, 'pri_ip', '*');
  await expect(fields).toContainText(`${whole.distinct} values`);
  // When the most frequent of them came.
  await expect(fields.getByRole('img', { name: /: at most \d+ (?:entry|entries) in a bar, at / })).toHaveCount(5);
  const values = fields.locator('[data-value]');
  await expect(values).toHaveCount(whole.top.length);
  expect(await values.evaluateAll((all) => all.map((each) => (each as HTMLElement).dataset['value']))).toEqual(
    whole.top.map(({ value }) => value),
  );
  await expectWellMade(page);

  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('+');
  const [, second] = whole.top;
  await expect(page.getByRole('search').getByRole('textbox')).toHaveText(`pri_ip:${second?.value}`);
  await expect(page.locator('main')).toContainText(`${second?.entries} entries`);
  // The open field is of the answer that is shown.
  await expect(fields).toContainText('1 value');
  await expect(values).toHaveCount(1);

  await values.first().focus();
  await page.keyboard.press('ArrowLeft');
  await expect(field).toBeFocused();
  await expect(field).toHaveAttribute('aria-expanded', 'false');
});

test('the numbers of a field, its values as a query, and the list out of the way', async ({ sampleDesk: desk }) => {
  const { page } = desk;
  const fields = page.getByRole('region', { name: 'Fields' });
  await fields.getByRole('button', { name: /bytes_from_vpc/u }).click();
  const { numbers, top } = await statisticsOf(desk, 'bytes_from_vpc', '*');
  const shown = (text: string | undefined): string => Number(text).toLocaleString('en-US');
  await expect(fields).toContainText(`Least ${shown(numbers?.least)} Most ${shown(numbers?.most)}`);
  await expect(fields).toContainText(`Sum ${shown(numbers?.sum)}`);
  await fields.getByRole('button', { name: 'Open as query' }).click();
  await expect(page.getByRole('tab', { name: 'Result' })).toBeVisible();
  await expect(page.getByRole('grid').getByRole('row')).toHaveCount(top.length + 1);
  await page.getByRole('button', { name: 'Fields', exact: true }).click();
  await expect(fields).toBeHidden();
  await expectWellMade(page);
});
