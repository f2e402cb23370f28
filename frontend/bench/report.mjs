// Rows of figures as tables, with the machine they were measured on.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';

/** Gathers rows and shows each as it comes, unless all are wanted as JSON at the end. */
export class Report {
  rows = [];
  /** How busy the machine was before anything of ours began: processes that wanted a core, over a minute. */
  load = loadavg()[0];

  constructor(json) {
    this.json = json;
    if (!json) console.log(`\n### screens\n\n${header}`);
  }

  note(name, metric, figure, unit, budget) {
    const value = Math.round(figure * 100) / 100;
    const row = { bench: 'screens', case: name, metric, value, unit, budget };
    this.rows.push(row);
    if (!this.json) console.log(line(row));
  }

  /** Says which budgets do not hold. */
  broken() {
    return this.rows.filter((r) => r.budget !== undefined && !(r.value <= r.budget));
  }

  write(file, { version, browser }) {
    writeFileSync(
      file,
      `# Measured in a browser

By \`npm run bench -- --results FILE\`, version ${version}, in ${browser} without a GPU, on ${machine()}. Server, database and
browser share the cores; ${this.load.toFixed(1)} processes wanted a core before it began, so the machine was ${this.load < 0.5 ? 'quiet' : 'not quiet: times are pessimistic'}.
Budgets are those of two cores with a software renderer; processor time is the page's main thread's.

${header}
${this.rows.map(line).join('\n')}
`,
    );
  }
}

const header = '| case | metric | value | budget |\n| --- | --- | --- | --- |';
const line = (r) => `| ${r.case} | ${r.metric} | ${r.value} ${r.unit} | ${r.budget ?? ''} |`;

function machine() {
  const all = cpus();
  const model =
    all[0]?.model.trim() || /^model name\s*: (.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1];
  return `${all.length} cores of ${model}, ${Math.round(totalmem() / 2 ** 30)} GiB of memory, Linux ${release()}, Node ${process.version}`;
}
