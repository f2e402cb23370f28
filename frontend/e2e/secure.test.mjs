// HTTPS out of the box: the program makes its own authority, a device that trusts it sees the wall over TLS, live.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { get } from 'node:https';
import { after, test } from 'node:test';
import { connect } from 'node:tls';
import { launch, openPage, signIn } from './page.mjs';
import { startServer } from './server.mjs';
import { closeUp, hears, live } from './wall.mjs';

const server = await startServer('--tls', 'auto');
after(() => server.stop());

/** What a server answers, with its certificate looked at or not. */
const fetched = (url, options) =>
  new Promise((done, fail) => {
    get(url, options, (answer) => {
      const parts = [];
      answer.on('data', (p) => parts.push(p));
      answer.on('end', () =>
        done({ ...answer, body: Buffer.concat(parts), cookies: answer.headers['set-cookie'] }),
      );
    }).on('error', fail);
  });

test('a device that was given the authority’s certificate trusts the server, and no other does', async () => {
  assert.match(server.address, /^https:/);
  const { body: ca } = await fetched(`${server.address}/ca.crt`, { rejectUnauthorized: false });
  assert.ok(new X509Certificate(ca).ca);
  assert.equal((await fetched(`${server.address}/readyz`, { ca })).statusCode, 200);
  await assert.rejects(fetched(`${server.address}/readyz`));
});

test('the wall is live over TLS: position, clipboard and cookies are those of a secure page', async () => {
  const { hostname, port } = new URL(server.address);
  // The browser is told to trust the key that the server shows, as a device with the authority's certificate would.
  const key = await new Promise((done, fail) => {
    const socket = connect({ host: hostname, port, rejectUnauthorized: false }, () => {
      const { publicKey } = new X509Certificate(socket.getPeerCertificate().raw);
      socket.end();
      done(publicKey.export({ type: 'spki', format: 'der' }));
    }).on('error', fail);
  });
  const hash = Buffer.from(await crypto.subtle.digest('SHA-256', key)).toString('base64');
  const browser = await launch([`--ignore-certificate-errors-spki-list=${hash}`]);
  try {
    const [lon, lat, code] = server
      .sql(`select st_x(p), st_y(p), code from building, st_pointonsurface(geom) p order by id limit 1`)
      .split('|');
    const { page, complaints, close } = await openPage(browser, server.address, {
      permissions: ['geolocation', 'clipboard-read', 'clipboard-write'],
      geolocation: { longitude: Number(lon), latitude: Number(lat) },
    });
    await signIn(page, server, 'duty', closeUp({ lon, lat }));
    await live(page);
    assert.equal(await page.evaluate(() => isSecureContext), true);
    const position = () =>
      new Promise((found, not) =>
        navigator.geolocation.getCurrentPosition((p) => found(p.coords.longitude), not),
      );
    assert.equal(await page.evaluate(position), Number(lon));
    const cookies = await page.context().cookies();
    assert.ok(cookies.length > 0 && cookies.every((c) => c.secure && c.httpOnly));
    const id = server.sql(`insert into incident (code, geom, type, status, source, due_at) values ('${code}',
      st_setsrid(st_makepoint(${lon}, ${lat}), 4326), '0105', 'reported', 'hotline', now() + interval '1 hour') returning id`);
    await hears(page, Number(id));
    assert.deepEqual(complaints, []);
    await close();
  } finally {
    await browser.close();
  }
});
