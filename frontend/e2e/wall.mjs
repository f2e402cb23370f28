// What journeys over the live wall have in common.

/** The address of a wall close up on a place. */
export const closeUp = ({ lon, lat }, zoom = 18) => `/?at=${lon},${lat},${zoom}&lang=en`;

/** Waits until a wall is connected and has heard of everything. */
export const live = (page) => page.waitForSelector('.pill.live', { timeout: 60_000 });

/** Whether a wall's map knows of an incident. */
export const known = (page, id) =>
  page.evaluate(async (id) => {
    const data = await document.querySelector('.map').map.getSource('cases').getData();
    return data.features.some((f) => f.properties.id === id);
  }, id);

/** Waits until it does. */
export const hears = (page, id) =>
  page.waitForFunction(
    async (id) => {
      const data = await document.querySelector('.map')?.map?.getSource('cases')?.getData();
      return data?.features.some((f) => f.properties.id === id);
    },
    id,
    { timeout: 60_000 },
  );
