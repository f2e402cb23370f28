// The district's database, as somebody with psql changes it: the page hears of it by the log, as of every change.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';

export function connect(server) {
  const url = execFileSync(server.binary, ['db', 'url', '--data', server.data], { encoding: 'utf8' }).trim();
  return {
    ask: (text) => execFileSync('psql', [url, '-Atqc', text], { encoding: 'utf8' }).trim(),
    session: () => new Session(url),
  };
}

/** One psql that takes statements one after the other, each a transaction. */
class Session {
  constructor(url) {
    this.psql = spawn('psql', [url, '-Atq', '-v', 'ON_ERROR_STOP=1'], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.answers = [];
    this.waiting = [];
    let rest = '';
    this.psql.stdout.on('data', (bytes) => {
      const lines = (rest + bytes).split('\n');
      rest = lines.pop();
      for (const line of lines) (this.waiting.shift() ?? (() => {}))(line);
    });
    this.ended = once(this.psql, 'exit').then(([code]) => {
      for (const fail of this.waiting.splice(0)) fail(null);
      if (code !== 0) throw new Error(`psql ended with ${code}`);
    });
  }

  /** Runs a statement that answers one line, and gives the line. */
  async run(statement) {
    const line = await new Promise((done) => {
      this.waiting.push(done);
      this.psql.stdin.write(`${statement};\n`);
    });
    if (line === null) await this.ended;
    return line;
  }

  async close() {
    this.psql.stdin.end();
    await this.ended;
  }
}
