// Tables to take away: as CSV that spreadsheets read in any language, and as a workbook with a sheet for each.

export type Cell = string | number | null;

export interface Table {
  /** Of the sheet, and in the name of the file. */
  name: string;
  columns: readonly string[];
  rows: readonly (readonly Cell[])[];
  /** What the figures are: the area, the time, what was left out. */
  about: readonly (readonly [string, string])[];
}

/** Text that a spreadsheet would take for a formula begins with an apostrophe. */
const inert = (text: string) => (/^[=+@\t\r]|^-(?!\d)/.test(text) ? `'${text}` : text);

function csvCell(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = inert(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** CSV as RFC 4180 has it. The mark in front has Excel read Chinese as UTF-8; what the figures are stands before them. */
export function csv(table: Table): string {
  const about = table.about.map(([name, value]) => [`# ${name}`, value]);
  const lines = [...about, table.columns, ...table.rows];
  return `\ufeff${lines.map((cells) => cells.map(csvCell).join(',')).join('\r\n')}\r\n`;
}

/** A workbook with a sheet for each table. The writer is loaded when somebody wants one. */
export async function workbook(tables: readonly Table[]): Promise<Blob> {
  const { default: write } = await import('write-excel-file/universal');
  const head = (value: string) => ({ value, fontWeight: 'bold' as const });
  return write(
    tables.map((t) => ({
      sheet: sheetName(t.name),
      stickyRowsCount: t.about.length + 1,
      columns: widths(t).map((width) => ({ width })),
      data: [
        ...t.about.map(([name, value]) => [head(name), { type: String, value }]),
        t.columns.map(head),
        ...t.rows.map((row) => row.map((c) => (typeof c === 'string' ? { type: String, value: c } : c))),
      ],
    })),
  ).toBlob();
}

/** Excel takes no more than 31 characters, and some of them not at all. */
const sheetName = (name: string) => name.replace(/[\\/?*[\]:]/g, ' ').slice(0, 31);

/** Columns as wide as what stands in them, in characters; a Chinese one is as wide as two. */
function widths(t: Table): number[] {
  const long = (c: Cell) => [...String(c ?? '')].reduce((n, ch) => n + (ch > '\u2e80' ? 2 : 1), 0);
  return t.columns.map((name, i) =>
    Math.min(48, 2 + Math.max(long(name), ...t.rows.slice(0, 500).map((row) => long(row[i] ?? null)))),
  );
}

export function saveTable(table: Table, file: string) {
  save(new Blob([csv(table)], { type: 'text/csv;charset=utf-8' }), `${file}.csv`);
}

export async function saveWorkbook(tables: readonly Table[], file: string) {
  save(await workbook(tables), `${file}.xlsx`);
}

/** Hands a file to whoever sits at the browser. */
export function save(blob: Blob, file: string) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = file;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** A time as both people and spreadsheets sort it, in the district's zone. */
export function stamp(at: Date): string {
  return new Date(at.getTime() + 8 * 3600_000).toISOString().slice(0, 19).replace('T', ' ');
}

/** The same for a file's name. */
export const fileStamp = (at: Date) => stamp(at).slice(0, 16).replace(/[-:]/g, '').replace(' ', '-');
