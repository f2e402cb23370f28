// Package importer brings a district's own files into the database: areas, buildings, rooms, translations of codes,
// and redrawn borders. It owns what happens between a file and the tables: recognising properties and coordinate
// systems, checking codes and geometry, staging, and telling for every row that was refused why. It streams, so a
// city's file needs no more memory than a street's; it can be killed at any moment and started again.
//
// How a file goes in: buildings and rooms batch by batch, each batch one transaction that also moves the job's mark
// forward, so that a second run goes on after the last batch that was committed; areas and redraws as a whole, since
// a tiling is only right or wrong as a whole. What the database has already is compared, and rows that would not
// change are not touched. An empty value in a file never erases one in the database.
//
// It works as the administrator, beside a running server. Nothing is minted here: codes come from the file, and a
// code event is written only where a redraw gives a building a new code.
//
// Functions are safe for concurrent use; two imports of the same file with the same options exclude each other.
package importer
