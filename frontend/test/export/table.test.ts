import { strFromU8, unzipSync } from 'fflate/browser';
import { describe, expect, test, vi } from 'vitest';
import { csv, fileStamp, stamp, type Table, workbook } from '../../src/export/table';

const table: Table = {
  name: '下级区域: 超期/在办',
  about: [['区域', '福田区 440304']],
  columns: ['名称', '超期', '说明'],
  rows: [
    ['南园街道', 3, 'a "quoted", text'],
    ['园岭街道', null, '=HYPERLINK("http://elsewhere")'],
    ['-1', -2.5, '-cmd'],
  ],
};

describe('csv', () => {
  test('begins with the mark that has Excel read Chinese, and says what it is', () => {
    expect(csv(table).startsWith('\ufeff# 区域,福田区 440304\r\n名称,超期,说明\r\n')).toBe(true);
  });
  test('quotes, leaves empty what is not known, and writes no formulas', () => {
    expect(csv(table).split('\r\n').slice(2)).toEqual([
      '南园街道,3,"a ""quoted"", text"',
      `园岭街道,,"'=HYPERLINK(""http://elsewhere"")"`,
      "-1,-2.5,'-cmd",
      '',
    ]);
  });
});

describe('workbook', () => {
  test('has a sheet for each table, texts as texts and numbers as numbers', async () => {
    const blob = await workbook([table, { ...table, name: 'b'.repeat(40) }]);
    const files = unzipSync(new Uint8Array(await blob.arrayBuffer()));
    const book = strFromU8(files['xl/workbook.xml'] as Uint8Array);
    expect(book).toContain('name="下级区域  超期 在办"');
    expect(book).toContain(`name="${'b'.repeat(31)}"`);
    const sheet = strFromU8(files['xl/worksheets/sheet1.xml'] as Uint8Array);
    expect(sheet).toContain('<v>-2.5</v>');
    expect(sheet).not.toContain('<f>');
  });

  test('is compressed without a worker, however long it is', async () => {
    vi.stubGlobal('Worker', null); // what the policy forbids
    const rows = Array.from({ length: 5000 }, (_, i) => [`第 ${i} 行`, i, 'x'.repeat(40)]);
    const blob = await workbook([{ ...table, rows }]);
    vi.unstubAllGlobals();
    expect(blob.size).toBeGreaterThan(10_000);
  });
});

test("times are the district's", () => {
  const at = new Date('2026-11-24T23:04:05Z');
  expect(stamp(at)).toBe('2026-11-25 07:04:05');
  expect(fileStamp(at)).toBe('20261125-0704');
});
