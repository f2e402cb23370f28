// Starts the real server on an empty data folder with the smallest demo, and stops it with everything it started.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const binary = new URL('../../bin/gridweave', import.meta.url).pathname;

/** Extra flags are the server's. */
export async function startServer(...extra) {
  const data = mkdtempSync(join(tmpdir(), 'gridweave-e2e-'));
  chmodSync(data, 0o711); // as root, PostgreSQL runs as somebody else and must pass through
  const args = [
    'serve',
    '--data',
    join(data, 'd'),
    '--addr',
    '127.0.0.1:0',
    '--demo',
    '--scale',
    'tiny',
    '--no-simulate',
    '--json',
    ...extra,
  ];
  let running = await run(args);
  const { ready } = running;
  let url;
  return {
    address: ready.address,
    data: join(data, 'd'),
    binary,
    /** What psql answers to a statement, as the district's database administrator. */
    sql(text) {
      url ??= execFileSync(binary, ['db', 'url', '--data', join(data, 'd')], { encoding: 'utf8' }).trim();
      return execFileSync('psql', [url, '-Atqc', text], { encoding: 'utf8' }).trim();
    },
    password: (name) => ready.accounts.find((a) => a.account === name).password,
    /** Ends the server, as a stop or as a crash, and starts it on the same address and data. */
    async restart(signal = 'SIGTERM') {
      running.child.kill(signal);
      await running.ended;
      running = await run(args.map((a) => (a === '127.0.0.1:0' ? new URL(ready.address).host : a)));
    },
    async stop() {
      running.child.kill('SIGTERM');
      await running.ended;
      rmSync(data, { recursive: true, force: true });
    },
  };
}

async function run(args) {
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (b) => {
    errors += b;
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const ready = await Promise.race([
    firstJSON(child.stdout),
    ended.then((code) => {
      throw new Error(`the server ended with ${code}: ${errors}`);
    }),
  ]);
  return { child, ended, ready };
}

/** Reads the one JSON document that the server prints when it is ready. */
function firstJSON(stream) {
  return new Promise((resolve) => {
    let text = '';
    stream.on('data', (b) => {
      text += b;
      try {
        resolve(JSON.parse(text));
      } catch {
        // not all of it yet
      }
    });
  });
}
