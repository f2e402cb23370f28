// What every file of journeys begins with: one server with a district and one browser for all its tests, ended with them.
import { after } from 'node:test';
import { launch } from './page.mjs';
import { startServer } from './server.mjs';

/** Switches are the browser's. */
export async function stage({ switches = [] } = {}) {
  const server = await startServer();
  const browser = await launch(switches).catch(async (e) => {
    await server.stop();
    throw e;
  });
  after(async () => {
    await browser.close();
    await server.stop();
  });
  return { server, browser, sql: server.sql, ...district(server.sql) };
}

function district(sql) {
  return {
    /** A building of an area, with its middle; n counts from 0. */
    building(area, n = 0) {
      const [id, code, lon, lat] = sql(
        `select id, code, st_x(p), st_y(p) from (select id, code, st_pointonsurface(geom) p from building
         where code like '${area}%' order by id offset ${n} limit 1) b`,
      ).split('|');
      return { id: Number(id), code, lon: Number(lon), lat: Number(lat) };
    },
    /** Reports an incident at a building, due in so many hours, as another department's system would; gives its id. */
    report(at, type, hours = 1) {
      return Number(
        sql(`insert into incident (code, geom, type, status, source, due_at)
          values ('${at.code}', st_setsrid(st_makepoint(${at.lon}, ${at.lat}), 4326), '${type}', 'reported', 'hotline',
                  now() + interval '${hours} hour') returning id`),
      );
    },
  };
}
