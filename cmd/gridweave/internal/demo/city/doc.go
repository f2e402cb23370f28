// Package city draws a plausible dense city: land, water, hills and roads, areas that tile exactly from the district
// down to the grid, buildings that neither overlap nor stand in the road, and the people and past events in them.
//
// It is pure geometry and arithmetic: it never reads a file, a clock or a database, and everything it says about
// people is invented. Where Futian's name is used, its street and community names and codes are real and its layout
// resembles the place; each border, building and person is made up. Streets outside Futian are invented and say so
// in their names.
//
// The same options give the same bytes, on any number of processors. (The promise is made per architecture: a
// compiler that fuses multiplication and addition may differ in the last centimetre.) A City is immutable once New
// has returned and may be read by many goroutines; Communities holds one community per processor in memory, not the
// city. What it yields goes to the demo writer, which copies it into PostGIS.
//
// Inside the package metres are counted east and north of a fixed origin in Futian on a plane tangent there; borders
// are whole numbers of 1e-7 degree, so neighbours share the very same vertices.
package city
