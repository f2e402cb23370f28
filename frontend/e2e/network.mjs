// A network between a browser and a server that can be cut, or swallow what it is given, as cables and radios do.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** The server seen through a network: the same, at another address. */
export async function networkTo(server) {
  const { hostname, port } = new URL(server.address);
  const open = new Set();
  let state = 'sound';
  const gate = createServer((near) => {
    open.add(near);
    near.on('error', () => near.destroy()).on('close', () => open.delete(near));
    if (state === 'cut') near.destroy();
    if (state !== 'sound') return;
    const far = connect(Number(port), hostname);
    near.on('data', (bytes) => state === 'sound' && far.write(bytes));
    far.on('data', (bytes) => state === 'sound' && near.write(bytes));
    far.on('error', () => near.destroy()).on('close', () => near.destroy());
    near.on('close', () => far.destroy());
  });
  gate.listen(0, '127.0.0.1');
  await once(gate, 'listening');
  const drop = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    ...server,
    address: `http://127.0.0.1:${gate.address().port}`,
    /** Ends every connection and lets none be made. */
    cut() {
      state = 'cut';
      drop();
    },
    /** Lets connections stand, and nothing through them. */
    swallow() {
      state = 'silent';
    },
    /** Works again; connections of before are lost. */
    mend() {
      state = 'sound';
      drop();
    },
    async close() {
      gate.close();
      drop();
      await once(gate, 'close');
    },
  };
}
